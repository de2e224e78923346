import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Secret } from '../../lib/kernel/secret.ts'
import { decodeRecord, encodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { aRecord } from '../support/a-record.ts'
import { anyRecord, CANARY, shown, stored } from '../support/any-record.ts'

const ring = keyRing({ active: 'k1', keys: { k1: new Uint8Array(32).fill(1) } })
const place = { conversation: 'AAECAwQFBgcICQoLDA0ODw', epoch: 'epoch-1', version: 7, ring }
describe('the envelope, for every record', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const text = stored(encodeRecord(record, place))
        const decoded = decodeRecord(text, { ...place, schema: 9 })

        assert.equal(decoded.tag, 'decoded')
        assert.equal(shown(decoded.value), shown(record))
        assert.deepEqual(
          [decoded.version, decoded.epoch, decoded.schema],
          [7, 'epoch-1', record.schema]
        )
      }),
      { numRuns: 300 }
    )
  })

  it('never lets a key of the data become a prototype', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const decoded = decodeRecord(encodeRecord(record, place), { ...place, schema: 9 })

        assert.equal(decoded.tag, 'decoded')
        for (const object of objectsIn(decoded.value)) {
          assert.ok(
            [Object.prototype, Array.prototype, Secret.prototype].includes(
              Object.getPrototypeOf(object) as object
            )
          )
        }
      })
    )
  })

  it('holds no secret in readable form', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const text = encodeRecord(record, place)

        assert.ok(!text.includes(CANARY))
        assert.ok(!text.includes(Buffer.from(CANARY).toString('base64url').slice(0, 12)))
      })
    )
  })

  it('detects every single damaged byte', () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, at, flip) => {
        const bytes = Buffer.from(encodeRecord(record, place))
        const index = at % bytes.length
        bytes[index] = bytes[index]! ^ flip

        const decoded = decodeRecord(bytes.toString(), { ...place, schema: 9 })

        assert.equal(decoded.tag, 'corrupt', `byte ${index} ^ ${flip}`)
      }),
      { numRuns: 1000 }
    )
  })

  it('detects a damaged header byte, each with each value', () => {
    const bytes = Buffer.from(encodeRecord(aRecord(), place))
    const end = bytes.indexOf('\n')
    const wrong: string[] = []
    for (let index = 0; index <= end; index += 1) {
      for (let value = 0; value < 256; value += 1) {
        if (value === bytes[index]) continue
        const damaged = Buffer.from(bytes)
        damaged[index] = value
        const { tag } = decodeRecord(damaged.toString(), { ...place, schema: 1 })
        if (tag !== 'corrupt') wrong.push(`${index} ${value} ${tag}`)
      }
    }

    assert.deepEqual(wrong, [])
  })

  it('detects a cut at every length', () => {
    const text = encodeRecord(aRecord(), place)

    for (let length = 0; length < text.length; length += 1) {
      assert.equal(decodeRecord(text.slice(0, length), { ...place, schema: 1 }).tag, 'corrupt')
    }
  })
})

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}
