import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeRecord, encodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { anyRecord, shown, stored } from '../support/any-record.ts'

const ring = keyRing({ active: 'k1', keys: { k1: new Uint8Array(32).fill(1) } })
const place = { conversation: 'AAECAwQFBgcICQoLDA0ODw', epoch: 'epoch-1', version: 7, ring }

describe('the envelope, at length', function () {
  this.timeout(300_000)

  it('gives back 10,000 records as they were given', () => {
    let bytes = 0
    let most = 0
    fc.assert(
      fc.property(anyRecord, record => {
        const text = stored(encodeRecord(record, place))
        const decoded = decodeRecord(text, { ...place, schema: 9 })

        assert.equal(decoded.tag, 'decoded')
        assert.equal(shown(decoded.value), shown(record))
        bytes += text.length
        most = Math.max(most, text.length)
      }),
      { numRuns: 10_000, seed: 20_260_105 }
    )
    process.stdout.write(`${JSON.stringify({ records: 10_000, bytes, most })}\n`)
  })
})
