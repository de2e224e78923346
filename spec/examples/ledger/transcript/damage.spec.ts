import assert from 'node:assert/strict'
import { damaged } from '../../../../examples/ledger/transcript/damage.ts'
import { seededRandom } from '../../../../lib/kernel/random.ts'
import { type DecodedRecord, decodeRecord, encodeRecord } from '../../../../lib/store/envelope.ts'
import { keyRing } from '../../../../lib/store/seal.ts'
import { aRecord } from '../../../support/a-record.ts'

const random = seededRandom(1)
const ring = keyRing({ active: 'k', keys: { k: random.bytes(32) }, random })
const conversation = 'a-conversation'
const written = (version: number): string =>
  encodeRecord(aRecord(), { conversation, epoch: 'e', version, ring })
const read = (text: string): DecodedRecord => decodeRecord(text, { conversation, ring, schema: 1 })
const was = { 'flow.step': 'amount', 'core.account': 'ana' }
const row = (version: number): string =>
  `i/n.${version} ${JSON.stringify({ version, was, full: written(version) })}`

const stored = { records: [written(6), written(7)], history: [row(5), row(6), row(7)] }
const partsOf = (text: string): { was: Record<string, unknown>; full: string } =>
  JSON.parse(text.slice(text.indexOf(' ') + 1)) as never
const fullOf = (text: string): string => partsOf(text).full
const stepIn = (record: DecodedRecord): unknown =>
  record.tag === 'decoded' ? (record.value as ReturnType<typeof aRecord>).flow.step : record.tag

describe('damage to what is damaged already', () => {
  for (const first of ['truncatedJson', 'unknownStep'] as const)
    for (const how of ['truncatedJson', 'unknownStep'] as const)
      it(`leaves it damaged: ${first}, then ${how}`, () => {
        const once = damaged(conversation, stored, { event: 'corruptLatestSnapshot', how: first })
        const twice = damaged(conversation, once, { event: 'corruptAllSnapshots', how })

        const texts = [...twice.records, ...twice.history.map(fullOf)]
        const steps = texts.map(text => stepIn(read(text)))
        assert.deepEqual(
          steps.filter(step => step !== 'noSuchStep' && step !== 'corrupt'),
          []
        )
      })
})

describe('damage to the newest version', () => {
  it('hits its slot and its full record in the history, and nothing else', () => {
    const kind = { event: 'corruptLatestSnapshot', how: 'truncatedJson' } as const
    const { records, history } = damaged(conversation, stored, kind)
    const tags = [...records, ...history.map(fullOf)].map(text => read(text).tag)
    assert.deepEqual(tags, ['decoded', 'corrupt', 'decoded', 'decoded', 'corrupt'])
    assert.deepEqual(partsOf(history[2]!).was, partsOf(stored.history[2]!).was)
  })

  it('leaves the checksum as it was when the payload is cut', () => {
    const kind = { event: 'corruptLatestSnapshot', how: 'truncatedJson' } as const
    const [, text = ''] = damaged(conversation, stored, kind).records
    const [before = ''] = stored.records[1]!.split('\n')
    assert.equal(text.split('\n')[0], before)
    assert.ok(text.length < stored.records[1]!.length)
  })

  it('makes a record with an unknown step that is whole by its checksum', () => {
    const kind = { event: 'corruptLatestSnapshot', how: 'unknownStep' } as const
    const { records, history } = damaged(conversation, stored, kind)
    assert.deepEqual([...records, fullOf(history[2]!)].map(read).map(stepIn), [
      'amount',
      'noSuchStep',
      'noSuchStep'
    ])
  })
})

describe('damage to all versions', () => {
  for (const how of ['truncatedJson', 'unknownStep'] as const)
    it(`hits every copy and the previous values, heads apart (${how})`, () => {
      const kind = { event: 'corruptAllSnapshots', how } as const
      const { records, history } = damaged(conversation, stored, kind)
      const left = [...records, ...history.map(fullOf)].map(read).map(stepIn)
      assert.deepEqual(new Set(left), new Set([how === 'unknownStep' ? 'noSuchStep' : 'corrupt']))
      assert.ok(history.every(text => partsOf(text).was['flow.step'] !== 'amount'))
      assert.deepEqual(
        history.map(text => text.split(' ')[0]),
        ['i/n.5', 'i/n.6', 'i/n.7']
      )
    })
})
