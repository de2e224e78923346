import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Secret } from '../../lib/kernel/secret.ts'
import { decodeRecord, encodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { aCore, aRecord } from '../support/a-record.ts'

const ring = keyRing({ active: 'k1', keys: { k1: new Uint8Array(32).fill(1) } })
const place = { conversation: 'AAECAwQFBgcICQoLDA0ODw', epoch: 'epoch-1', version: 7, ring }
const CANARY = 'canary-5b0c'

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('__proto__', 'constructor', '$sealed', '$$sealed', 'toString', '')
)
const json = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0),
      fc.boolean(),
      fc.constant(null)
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    dataOf(tie('value'))
  )
})).value
// Own keys, `__proto__` among them, as a parsed webhook may bring them.
function dataOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map(entries => Object.fromEntries(entries))
}

const anyRecord = fc
  .record({
    schema: fc.nat(9),
    data: dataOf(json),
    cache: json,
    token: fc.string({ unit: 'binary' })
  })
  .map(({ schema, data, cache, token }) =>
    aRecord({
      schema,
      core: aCore({ cache, token: { value: Secret.of(token + CANARY), refreshes: 0, setAt: 1 } }),
      flow: { ...aRecord().flow, data }
    })
  )

describe('the envelope, for every record', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const decoded = decodeRecord(encodeRecord(record, place), { ...place, schema: 9 })

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

// A canonical text: secrets revealed, own `__proto__` keys visible, order of keys irrelevant.
function shown(value: unknown): string {
  if (value instanceof Secret)
    return `secret(${JSON.stringify(Buffer.from(value.reveal()).toString())})`
  if (Array.isArray(value)) return `[${value.map(shown).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(
    ([name, inner]) => `${JSON.stringify(name)}:${shown(inner)}`
  )
  return `{${entries.toSorted().join()}}`
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(objectsIn)]
}
