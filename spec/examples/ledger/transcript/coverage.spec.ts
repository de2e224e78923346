import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { readTranscript, type Transcript } from '../../../../examples/ledger/transcript/form.ts'

const FOLDER = 'examples/ledger/transcript/cases'
const cases: readonly Transcript[] = readdirSync(FOLDER).map(name => {
  const read = readTranscript(readFileSync(join(FOLDER, name), 'utf8'))
  return isRight(read) ? read.right : assert.fail(`${name}: ${read.left.join()}`)
})

/** Which of these no case has. */
function missing(wanted: readonly string[], had: Iterable<string>): readonly string[] {
  const all = new Set(had)
  return wanted.filter(one => !all.has(one))
}

const list = (words: string): readonly string[] => words.split(' ')

describe('our own cases', () => {
  it('show each decision of the domain', () => {
    const decisions = Array.from({ length: 11 }, (_, index) => `D${index + 1}`)
    assert.deepEqual(
      missing(
        decisions,
        cases.flatMap(({ tags }) => tags)
      ),
      []
    )
  })

  const faults = cases.flatMap(({ given }) => given.faults)
  it('meet each kind of fault', () => {
    const kinds = 'http401 http503 timeout timeoutAfterCommit notFound crashBeforeSend'
    const more = 'crashAfterCommit business partial throw'
    assert.deepEqual(
      missing(
        [...list(kinds), ...list(more)],
        faults.map(({ kind }) => kind)
      ),
      []
    )
  })

  it('meet faults at each endpoint', () => {
    const endpoints =
      'login registerMember resolveHandle createOffer acceptOffer declineOffer cancelOffer ' +
      'acceptAll readLedger upgradeTier channelSend'
    const met = faults.flatMap(fault => ('endpoint' in fault ? [fault.endpoint] : []))
    assert.deepEqual(missing(list(endpoints), met), [])
  })

  it('have each kind of entry and event', () => {
    const keys = 'text button list unsupported event from redelivery of'
    const entries = cases.flatMap(({ messages }) => messages)
    assert.deepEqual(missing(list(keys), entries.flatMap(Object.keys)), [])
    const happened = entries.flatMap(entry => {
      if (!('event' in entry)) return []
      if (entry.event === 'core') return Object.keys(entry.do)
      return [entry.event, ...('how' in entry ? [`${entry.event} ${entry.how}`] : [])]
    })
    const damages = ['corruptLatestSnapshot', 'corruptAllSnapshots'].flatMap(event =>
      ['truncatedJson', 'unknownStep'].map(how => `${event} ${how}`)
    )
    assert.deepEqual(missing(['restart', 'withdraw', 'add', ...damages], happened), [])
  })

  it('expect by each key of the form', () => {
    const keys =
      'settled stage step dataSubset dataAbsent replyKinds replyMatches replyMustNotMatch ' +
      'maxReplies identity validation effects calls supervision via'
    assert.deepEqual(
      missing(
        list(keys),
        cases.flatMap(({ expect }) => expect.flatMap(Object.keys))
      ),
      []
    )
    const ends = 'effects offers sameIdempotencyKey logsMustNotContain'
    assert.deepEqual(
      missing(
        list(ends),
        cases.flatMap(({ final }) => Object.keys(final))
      ),
      []
    )
  })

  it('play each setting otherwise than it is', () => {
    const usual: Readonly<Record<string, unknown>> = {
      sessionTtlSeconds: 300,
      apiAttempts: 3,
      maxHandlerRestarts: 3,
      defaultDenomination: 'USD',
      ledgerPageSize: 7,
      dedupeRetentionSeconds: 691_200
    }
    const changed = cases.flatMap(({ given: { config } }) =>
      Object.entries(config).flatMap(([key, value]) => (value === usual[key] ? [] : [key]))
    )
    assert.deepEqual(missing([...Object.keys(usual), 'denominations'], changed), [])
  })
})
