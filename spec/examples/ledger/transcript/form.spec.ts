import assert from 'node:assert/strict'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { readTranscript } from '../../../../examples/ledger/transcript/form.ts'
import { aCase, after, confirming } from './a-case.ts'

type Json = Record<string, unknown>

/** The problems of a case after something in it was changed. */
function problemsWith(change: (json: Json) => void): readonly string[] {
  const json = JSON.parse(JSON.stringify(aCase(confirming))) as Json
  change(json)
  const read = readTranscript(JSON.stringify(json))
  return isLeft(read) ? read.left : []
}

/** Looks a place up, such as `messages.0`. */
function at(json: Json, path: string): Json {
  return path.split('.').reduce((inner, key) => inner[key] as Json, json)
}

describe('a transcript file', () => {
  it('is read whole', () => {
    const read = readTranscript(JSON.stringify(aCase(confirming)))
    assert.ok(isRight(read))
    assert.deepEqual(read.right, aCase(confirming))
  })

  it('that is no JSON is refused', () => {
    const read = readTranscript('{')
    assert.ok(isLeft(read))
    assert.match(read.left[0]!, /^the file is no JSON/)
  })

  const strange = ['', 'given', 'given.config', 'given.core', 'messages.0', 'expect.0', 'final']
  for (const path of [...strange, 'given.core.members.0', 'given.channel'])
    it(`is refused for an unknown key in ${path || 'the file'}, by name`, () => {
      const place = path === '' ? 'colour' : `${path}.colour`
      const problems = problemsWith(json => {
        ;(path === '' ? json : at(json, path))['colour'] = 'blue'
      })
      assert.deepEqual(problems, [`${place} is not known here`])
    })

  it('is refused for a key that is missing, by name', () => {
    for (const path of ['given.now', 'expect.1.stage', 'messages.1.at', 'final']) {
      const problems = problemsWith(json => {
        const [key = '', ...above] = path.split('.').reverse()
        delete (above.length === 0 ? json : at(json, above.reverse().join('.')))[key]
      })
      assert.deepEqual(problems, [`${path} is missing`])
    }
  })
})

describe('a value that cannot be is refused with its place', () => {
  const planted: readonly (readonly [string, unknown, string])[] = [
    ['messages.0.at', -1, 'messages.0.at must be a whole number from 0'],
    ['messages.0.event', 'sleep', 'messages.0 event is no event of the form'],
    ['messages.2.at', 3_000, 'messages.2.at is before the one above'],
    ['messages.1.of', 'm9', 'messages.1.of names no entry of an earlier time: m9'],
    ['messages.1.of', 'm2', 'messages.1.of names no entry of an earlier time: m2'],
    ['messages.1.redelivery', true, 'messages.1.redelivery repeats no entry above: m2'],
    ['given.now', 'noon', 'given.now must be an ISO time such as 2026-01-05T08:00:00.000Z'],
    ['given.state', {}, 'given.state must be null'],
    ['expect.0.replyMatches', ['('], 'expect.0.replyMatches.0 must be a regular expression'],
    ['expect.0.effects', { balls: 1 }, 'expect.0.effects.balls is not known here'],
    ['expect.0.settled', true, 'expect.0.settled must be false'],
    ['final.sameIdempotencyKey', ['m9'], 'final.sameIdempotencyKey.0 names the unknown entry m9'],
    ['expect', [after('MENU', 'dashboard')], 'expect has 1 items, messages has 4']
  ]
  for (const [path, value, problem] of planted)
    it(problem, () => {
      const problems = problemsWith(json => {
        const [key = '', ...above] = path.split('.').reverse()
        ;(above.length === 0 ? json : at(json, above.reverse().join('.')))[key] = value
      })
      assert.deepEqual(problems, [problem])
    })

  const faults: readonly (readonly [string, Json, string])[] = [
    ['kind', { kind: 'flood', endpoint: 'login' }, 'given.faults.0 kind is no kind of fault'],
    [
      'endpoint',
      { kind: 'http503', endpoint: 'logout' },
      'given.faults.0.endpoint must be an endpoint'
    ],
    [
      'entry',
      { during: 'm9', kind: 'http503', endpoint: 'login' },
      'given.faults.0.during names the unknown entry m9'
    ],
    ['code', { kind: 'business', endpoint: 'login' }, 'given.faults.0.code is missing'],
    ['component', { kind: 'throw' }, 'given.faults.0.component is missing']
  ]
  for (const [what, fault, problem] of faults)
    it(`the ${what} of a fault`, () => {
      const problems = problemsWith(json => {
        at(json, 'given')['faults'] = [{ during: 'm1', times: 1, ...fault }]
      })
      assert.deepEqual(problems, [problem])
    })
})

describe('the form knows', () => {
  const entries: readonly Json[] = [
    { text: 'hi', from: '15550002002' },
    { text: 'hi', redelivery: true, id: 'm4' },
    { button: 'confirm', of: 'm4' },
    { list: 'offer', of: 'm1', from: '15550002002' },
    { unsupported: 'sticker' },
    { event: 'restart' },
    { event: 'corruptLatestSnapshot', how: 'truncatedJson' },
    { event: 'corruptAllSnapshots', how: 'unknownStep' },
    { event: 'core', do: { withdraw: 'off-1' } },
    { event: 'core', do: { add: [{}] } }
  ]
  for (const entry of entries)
    it(`the entry ${JSON.stringify(entry)}`, () => {
      const problems = problemsWith(json => {
        ;(json['messages'] as Json[]).push({ id: 'm5', at: 16_000, ...entry })
        ;(json['expect'] as Json[]).push(after('MENU', 'dashboard') as unknown as Json)
      })
      assert.deepEqual(problems, [])
    })

  const kinds = ['http401', 'http503', 'timeout', 'timeoutAfterCommit', 'notFound']
  const faults: readonly Json[] = [
    ...[...kinds, 'crashBeforeSend', 'crashAfterCommit'].map(kind => ({ kind, endpoint: 'login' })),
    { kind: 'http503', endpoint: 'channelSend' },
    { kind: 'business', endpoint: 'createOffer', code: 'LIMIT_EXCEEDED' },
    { kind: 'partial', endpoint: 'acceptAll', failOfferIds: ['off-1'] },
    { kind: 'throw', component: 'amount' }
  ]
  for (const fault of faults)
    it(`the fault ${JSON.stringify(fault)}`, () => {
      const problems = problemsWith(json => {
        at(json, 'given')['faults'] = [{ during: 'm1', times: 1, ...fault }]
      })
      assert.deepEqual(problems, [])
    })
})
