import assert from 'node:assert/strict'
import { defaultPolicy, type Policy } from '../../../lib/supervision/policy.ts'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import type { Met } from '../../../lib/testing/event-log/event-line.ts'
import { commit, line } from './lines.ts'

const MET: Met = {
  process: 'p',
  tag: 'Defect',
  code: 'CHP_DECIDE_THREW',
  action: 'decide',
  event: { kind: 'Inbound', id: 'm2' },
  stage: 'CREDIT',
  flow: 'payment',
  step: 'amount',
  attempt: 1,
  version: 1
}
const POLICY: Policy = {
  ...defaultPolicy,
  restarts: 2,
  rules: [
    { when: { flow: 'menu' }, do: 'park' },
    { when: { step: 'amount', attempt: { from: 2 } }, do: 'reset', to: at('payment', 'note') },
    { when: { flow: 'payment', step: 'amount' }, do: 'retry', restarts: 1 },
    { when: { step: 'confirm' }, do: 'escalate' }
  ]
}
const begun = commit(1, { took: ['Inbound m1'], prompt: 'one' })
const again = (attempt: number): string[] => line('restart', { ver: attempt, id: 'm2' })
const givenUp = { took: ['Inbound m2'], parks: true }

function at(flow: string, step: string) {
  return { flow, step }
}

function failed(met: Partial<Met> = {}): string[] {
  return line('failed', { met: { ...MET, ...met } })
}

/** A commit that gave an event up, and where it led. */
function led(fields: Parameters<typeof commit>[1], place: string): string[] {
  const [tried = '', stored = '{}'] = commit(2, { ...givenUp, ...fields })
  return [tried, JSON.stringify({ ...JSON.parse(stored), place })]
}

function accused(...parts: readonly (readonly string[])[]): readonly string[] {
  const { violations } = checkEventLog([...begun, ...parts.flat()], { policy: POLICY })
  return violations.map(({ invariant, detail }) => `${invariant} ${detail}`)
}

describe('what the policy says of a failure, in a log', () => {
  it('is found kept: run again, reset to a place, parked, held', () => {
    const elsewhere = { flow: 'auth', step: 'pin' }
    const held = { ...givenUp, took: [], parks: undefined, defers: 'Inbound m2', held: true }
    const menu = { asItWas: true, prompt: 'one' }
    for (const kept of [
      [failed(), again(1), failed({ attempt: 2 }), led({}, 'payment.note')],
      [failed({ flow: 'menu', step: 'choice' }), led(menu, 'menu.choice')],
      [failed(elsewhere), again(1), commit(2, { took: ['Inbound m2'] })],
      [failed({ step: 'confirm' }), commit(2, { ...held, heldFor: 'cause', waits: true })]
    ]) {
      assert.deepEqual(accused(...kept), [])
    }
  })

  const third = [failed({ step: 'pin' }), again(1), failed({ step: 'pin', attempt: 2 }), again(2)]
  const broken = [
    ['it runs again though it is to be parked', [failed({ flow: 'menu' }), again(1)]],
    ['it is reset where it is to be parked', [failed({ flow: 'menu' }), led({}, 'menu.choice')]],
    ['it is given up where it is to run again', [failed(), led({}, 'payment.note')]],
    ['it is given up, and nothing failed', [led({}, 'payment.note')]],
    [
      'another event is given up',
      [failed({ flow: 'menu' }), led({ asItWas: true, took: ['Inbound m9'] }, 'menu.choice')]
    ],
    [
      'the reset leads elsewhere',
      [failed({ attempt: 1 }), again(1), failed({ attempt: 2 }), led({}, 'menu.choice')]
    ],
    ['a run more than the ladder has', [...third, failed({ step: 'pin', attempt: 3 }), again(3)]],
    [
      'a reset that failed is tried again',
      [
        failed({ flow: 'x', step: 'pin', attempt: 1 }),
        failed({ action: 'reset' }),
        led({}, 'menu.choice')
      ]
    ],
    [
      'it runs again too late',
      [failed(), again(1), line('handler.start', { id: 'm2', mono: 9_000_000 })]
    ]
  ] as const
  for (const [what, parts] of broken)
    it(`is found broken where ${what}`, () => {
      const found = accused(...parts)

      assert.deepEqual([...new Set(found.map(told => told.slice(0, 3)))], ['I16'], found.join('\n'))
    })

  it('wants an event of the runtime itself parked, whatever a member would meet', () => {
    for (const kind of ['OperatorCommand', 'ReplyRefused']) {
      const event = { kind, id: 'm2' } as Met['event']
      const parked = { asItWas: true, prompt: 'one', took: [`${kind} m2`] }
      assert.deepEqual(accused(failed({ step: 'confirm', event }), led(parked, 'menu.choice')), [])
    }
    assert.match(
      accused(failed({ step: 'confirm' }), led({ asItWas: true }, 'menu.choice'))[0] ?? '',
      /^I16 an event is given up by park, and the policy says hold/
    )
  })

  it('asks no haste of a run that was put off instead: it waits behind others', () => {
    const late = line('handler.start', { id: 'm2', mono: 9_000_000 })
    const putOff = (event: string) => line('commit.try', { took: [], defers: `Inbound ${event}` })

    assert.deepEqual(accused(failed(), again(1), putOff('m2'), late), [])
    assert.match(
      accused(failed(), again(1), putOff('m3'), late)[0] ?? '',
      /^I16 it ran again after/
    )
  })

  it('asks no haste of a run that the store, or another process in it, kept from its turn', () => {
    const late = line('handler.start', { id: 'm2', mono: 9_000_000 })
    const kept = (process: string): string[] => {
      const event = { kind: 'wake', id: 'wake' }
      return failed({ process, tag: 'Unavailable', code: 'CHP_STORE_CONTENDED', event })
    }

    assert.deepEqual(accused(failed(), again(1), kept('p'), late), [])
    assert.match(accused(failed(), again(1), kept('q'), late)[0] ?? '', /^I16 it ran again after/)
  })

  it('asks no haste of a run that is ordered anew, after another process was done with it', () => {
    const late = line('handler.start', { id: 'm2', mono: 9_000_000 })
    const others = (event: string): string[] => commit(2, { took: [`Inbound ${event}`] })

    assert.deepEqual(accused(failed(), again(1), others('m2'), late), [])
    assert.match(
      accused(failed(), again(1), others('m3'), late)[0] ?? '',
      /^I16 it ran again after/
    )
  })

  it('asks no haste of a run in a conversation that waits since: held, or for a call', () => {
    const late = line('handler.start', { id: 'm2', mono: 9_000_000 })
    const others = (waits: boolean): string[] => commit(2, { took: ['Inbound m3'], waits })

    assert.deepEqual(accused(failed(), again(1), others(true), late), [])
    assert.match(
      accused(others(true), failed(), again(1), late)[0] ?? '',
      /^I16 it ran again after/
    )
  })

  it('asks no haste of a run that others come before, which had waited longer', () => {
    const runs = (id: string, mono: number, conv?: string): string[] =>
      line('handler.start', { id, mono, ...(conv === undefined ? {} : { conv }) })
    const late = runs('m2', 9_000_000)

    assert.deepEqual(accused(failed(), again(1), runs('m0', 9), late), [])
    assert.match(
      accused(failed(), again(1), runs('m0', 9, 'another'), late)[0] ?? '',
      /^I16 it ran again after/
    )
  })

  it('goes by the resets that a run knew before an erase or a rollback overtook it', () => {
    const strict = { ...POLICY, rules: [], restarts: 0, intensity: { max: 2, withinMs: 600_000 } }
    const reset = [...failed(), ...led({}, 'menu.choice')]
    const next = failed({ event: { kind: 'Inbound', id: 'm3' }, version: 2 })
    const held = { took: [], defers: 'Inbound m3', held: true, heldFor: 'cause', waits: true }
    const anew = { ...held, epoch: 'f', parent: null, key: 'p/x.9' }
    const overtaken = (lost: string[], then: string[]) =>
      checkEventLog([...begun, ...reset, ...lost, ...next, ...then], { policy: strict }).violations
    const erased = line('erased', { epoch: 'f' })
    const restored = line('restored', { epoch: 'e', ver: 1, key: 'p/x.1', first: 2 })

    const policyOf = (found: ReturnType<typeof overtaken>) =>
      found.filter(({ invariant }) => invariant === 'I16').map(({ detail }) => detail)
    assert.deepEqual(policyOf(overtaken(erased, commit(1, anew))), [])
    assert.deepEqual(policyOf(overtaken(restored, commit(2, { ...held, key: 'p/x.9' }))), [])
    const never = checkEventLog([...begun, ...erased, ...next, ...commit(1, anew)], {
      policy: strict
    })
    assert.match(policyOf(never.violations)[0] ?? '', /given up by hold, and the policy says reset/)
  })

  it('finds a reset to a step that opens a sub-flow in that sub-flow', () => {
    const policy: Policy = { ...POLICY, rules: [{ do: 'reset', to: at('payment', 'amount') }] }
    const said = (within: string | undefined, place: string) => {
      const [tried = '', stored = '{}'] = led({}, place)
      const inside = JSON.stringify({ ...JSON.parse(stored), within })
      const { violations } = checkEventLog([...begun, ...failed(), tried, inside], { policy })
      return violations.map(({ detail }) => detail)
    }

    assert.deepEqual(said('payment.amount', 'amount.ask'), [])
    assert.deepEqual(said(undefined, 'payment.amount'), [])
    for (const within of [undefined, 'payment.note']) {
      assert.match(said(within, 'amount.ask')[0] ?? '', /a reset led to .*says payment.amount/)
    }
  })

  it('counts the resets that the process knew of', () => {
    const strict = { ...POLICY, rules: [], restarts: 0, intensity: { max: 2, withinMs: 600_000 } }
    const first = [...failed(), ...led({}, 'menu.choice')]
    const next = { event: { kind: 'Inbound', id: 'm3' }, version: 2 }
    const second = [...failed(next), ...commit(3, { took: ['Inbound m3'], parks: true })]

    const known = checkEventLog([...begun, ...first, ...second], { policy: strict })
    const once = checkEventLog([...begun, ...first], { policy: strict })

    assert.deepEqual(once.violations, [])
    assert.match(known.violations[0]?.detail ?? '', /given up by reset, and the policy says hold/)
  })
})
