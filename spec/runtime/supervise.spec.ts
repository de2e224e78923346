import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { JudgedFailure } from '../../lib/runtime/failure-context.ts'
import { DIRECTIVES, type DirectiveName, type Policy } from '../../lib/supervision/policy.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const BY = { by: 'eve', reason: 'mended' } as const
const FAST = { restarts: 2, backoff: { initialMs: 10, maxMs: 10, factor: 1 } } as const

/** What is seen after `m0` went well, `bad` failed in every run, and `m1` came behind it. */
interface After {
  readonly receipts: readonly string[]
  readonly runs: number
  readonly chain: string
  readonly texts: readonly string[]
  readonly parked: number
  readonly waiting: number
  readonly held: boolean
  readonly alarms: number
  /** Notes of the commit that ended the failing event. */
  readonly notes: readonly string[]
}

interface Note {
  readonly kind?: string
  readonly event?: string
  readonly directive?: string
  readonly done?: readonly string[]
  readonly rule?: number
  readonly why?: string
}

const GOES_ON = { held: false, waiting: 0, alarms: 0 } as const
const STOPS = { held: true, waiting: 2, parked: 0, alarms: 1, chain: foldOf(['m0']) } as const

/** How each directive ends for an event that never stops failing. */
const ENDS: Readonly<Record<DirectiveName, After>> = {
  retry: given('reset', 3),
  restart: given('reset', 3),
  reset: given('reset', 1),
  park: given('park', 1),
  hold: {
    ...STOPS,
    receipts: ['deferred', 'deferred'],
    runs: 1,
    texts: ['1 m0', 'wait'],
    notes: ['failed', 'held']
  },
  escalate: {
    ...STOPS,
    receipts: ['deferred', 'deferred'],
    runs: 1,
    texts: ['1 m0', 'wait'],
    notes: ['failed', 'held']
  }
}

function given(how: 'reset' | 'park', runs: number): After {
  const isReset = how === 'reset'
  return {
    ...GOES_ON,
    receipts: ['parked', 'committed'],
    runs,
    parked: 1,
    chain: isReset ? foldOf(['reset bad', 'm1']) : foldOf(['m0', 'm1']),
    texts: isReset ? ['1 m0', 'sorry', '2 m1'] : ['1 m0', 'kept', '2 m1'],
    notes: ['failed', 'parked']
  }
}

describe('a Defect under each directive', () => {
  for (const act of DIRECTIVES)
    it(`ends under ${act} as the table says: state, order, history, replies`, async () => {
      const { world, process, seen, contexts } = await broken({ ...FAST, rules: [{ do: act }] })
      assert.deepEqual(await seen(), ENDS[act])
      // One handler sees every failure, once.
      assert.deepEqual(
        contexts.map(({ attempt }) => attempt),
        Array.from({ length: ENDS[act].runs }, (_, index) => index + 1)
      )
      const [first] = contexts
      assert.deepEqual(
        [first?.flow, first?.step, first?.event.id, first?.version, first?.service],
        ['CHAIN', 'link', 'bad', 1, 'bot']
      )
      assert.ok((first?.stack.length ?? 0) > 0)
      assert.equal(JSON.stringify([process.log, contexts]).includes('4111'), false)
      const crashed = process.log.filter(line => line.includes('"actor.crashed"'))
      assert.equal(crashed.length, ENDS[act].runs)
      assert.ok(crashed.every(line => line.includes('"rule":1') && line.includes('"why":"rule 1')))
      void world
    })

  it('reaches the history, the log and whoever listens, with rule and reason', async () => {
    for (const act of DIRECTIVES) {
      const { world, process, seen, contexts } = await broken({ ...FAST, rules: [{ do: act }] })
      const { runs, held } = await seen()
      const directives = contexts.map(({ directive, rule }) => [directive, rule])
      assert.deepEqual(directives, [
        ...Array.from({ length: runs - 1 }, () => [act, 1]),
        [runs > 1 ? 'reset' : act, 1]
      ])

      const rows = await world.model.history(process.chat().id, { limit: 9 })
      const notes = rows.flatMap(({ row }) => (JSON.parse(row) as { notes?: Note[] }).notes ?? [])
      const [failed, ...more] = notes.filter(({ kind }) => kind === 'failed')
      assert.deepEqual([failed?.event, failed?.rule, more], ['bad', 1, []], act)
      const last = { directive: directives.at(-1)?.[0], rule: directives.at(-1)?.[1] }
      assert.deepEqual({ directive: failed?.directive, rule: failed?.rule }, last)
      assert.match(failed?.why ?? '', /^rule 1/)
      assert.deepEqual(failed?.done?.[0], act)
      const lines = process.log.map(
        line => JSON.parse(line.slice(0, line.lastIndexOf('}') + 1)) as Note
      )
      const of = (name: string): readonly Note[] => lines.filter(({ event }) => event === name)
      assert.deepEqual(of('actor.crashed').map(({ directive, rule }) => [directive, rule])[0], [
        act,
        1
      ])
      const ended = of(held ? 'conversation.held' : 'event.parked')
      assert.deepEqual(
        ended.map(({ directive, rule, why }) => [directive, rule, why]),
        [[failed?.directive, 1, failed?.why]]
      )
      const told = process.heard.filter(({ name }) => name === 'restarted' || name === 'parked')
      assert.deepEqual(
        told.map(({ event }) => [(event as Note).directive, (event as Note).rule]),
        directives.slice(0, told.length)
      )
      const heard = (name: string): number =>
        process.heard.filter(other => other.name === name).length
      const given = { restarted: heard('restarted'), parked: heard('parked') }
      assert.deepEqual(given, { restarted: runs - 1, parked: held ? 0 : 1 })
    }
  })

  it('retry keeps what is remembered, restart loads it anew', async () => {
    for (const [act, loads] of [
      ['retry', 0],
      ['restart', 2]
    ] as const) {
      let runs = 0
      const bot = chainProgram({
        hook: (_state, { id }) => {
          if (id !== 'bad') return undefined
          runs += 1
          if (runs < 3) throw new Error('planned')
          return undefined
        }
      })
      const world = aWorld()
      const process = await world.start({ bot, policy: { ...FAST, rules: [{ do: act }] } })
      await process.say('m0')
      const before = loadsOf(world)
      const receipt = process.say('bad')
      await world.settle()
      assert.equal((await receipt).tag, 'committed')
      assert.equal(loadsOf(world) - before, loads, act)
      const [row] = await world.model.history(process.chat().id, { limit: 1 })
      const { notes } = JSON.parse(row?.row ?? '') as { notes: { kind: string; done: string[] }[] }
      assert.deepEqual(notes[0]?.done, [act, act])
    }
  })

  it('hold and resume take everything in order, the failing event first', async () => {
    const { world, process, seen, mend } = await broken({ ...FAST, rules: [{ do: 'hold' }] })
    await seen()
    mend()
    await until(world.clock, operatorOf(process.runtime).resume(process.chat().id, BY))
    await world.settle()
    const { data, held } = (await process.chat().inspect())!
    assert.deepEqual([data['chain'], held], [foldOf(['m0', 'bad', 'm1']), undefined])
  })

  it('holds at the third reset within the window, and not at one outside of it', async () => {
    const policy = { restarts: 0, intensity: { max: 3, withinMs: 60_000 } }
    for (const [restMs, tags] of [
      [1_000, ['parked', 'parked', 'deferred']],
      [40_000, ['parked', 'parked', 'parked']]
    ] as const) {
      const world = aWorld()
      const bot = chainProgram({
        hook: (_state, { id }) => {
          if (id.startsWith('bad')) throw new Error('planned')
          return undefined
        }
      })
      const ended: string[] = []
      for (const id of ['bad1', 'bad2', 'bad3']) {
        // The count is in the record: it outlives the process.
        const process = await world.start({ bot, policy })
        await until(world.clock, process.say(`m${id}`))
        ended.push((await until(world.clock, process.say(id))).tag)
        await until(world.clock, process.runtime.stop())
        await world.pass(restMs)
      }
      assert.deepEqual(ended, tags)
    }
  })
})

function loadsOf({ store }: World): number {
  return store.calls.filter(({ call }) => call === 'load').length
}

function failuresOf({ runtime }: Process): JudgedFailure[] {
  const contexts: JudgedFailure[] = []
  runtime.on('failure', context => contexts.push(context))
  return contexts
}

/** A conversation in which `bad` fails in every run, under a policy. */
async function broken(policy: Partial<Policy>): Promise<{
  world: World
  process: Process
  contexts: readonly JudgedFailure[]
  seen: () => Promise<After>
  mend: () => void
}> {
  let runs = 0
  let isIll = true
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (id !== 'bad' || !isIll) return undefined
      runs += 1
      throw new TypeError('words of a member: 4111')
    }
  })
  const world = aWorld()
  const texts = { park: { en: 'kept' }, hold: { en: 'wait' } }
  const process = await world.start({ bot, policy: { texts, ...policy } })
  const contexts = failuresOf(process)
  await process.say('m0')
  const receipts = [process.say('bad'), process.say('m1')]
  await world.settle()
  await world.pass(5_000)
  const seen = async (): Promise<After> => {
    const { data, waiting, held } = (await process.chat().inspect())!
    const rows = await world.model.history(process.chat().id, { limit: 9 })
    const read = rows.map(({ row }) => JSON.parse(row) as { notes?: { kind: string }[] })
    const row = read.find(({ notes }) => notes?.[0]?.kind === 'failed')
    return {
      receipts: (await Promise.all(receipts)).map(({ tag }) => tag),
      runs,
      chain: String(data['chain']),
      texts: process.channel.texts(),
      parked: (await world.model.parked(process.chat().id)).length,
      waiting,
      held: held !== undefined,
      alarms: process.heard.filter(({ name }) => name === 'alarm').length,
      notes: row?.notes?.map(({ kind }) => kind) ?? []
    }
  }
  const mend = (): void => {
    isIll = false
  }
  return { world, process, contexts, seen, mend }
}
