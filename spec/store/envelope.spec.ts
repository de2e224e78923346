import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { decodeRecord, encodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { aCore, aRecord } from '../support/a-record.ts'

const K1 = new Uint8Array(32).fill(1)
const K2 = new Uint8Array(32).fill(2)
const ring = keyRing({ active: 'k1', keys: { k1: K1 } })
const rotated = keyRing({ active: 'k2', keys: { k1: K1, k2: K2 } })
const place = { conversation: 'AAECAwQFBgcICQoLDA0ODw', epoch: 'epoch-1', version: 7, ring }
const sealedIn = (text: string): string => /"\$sealed":"([^"]+)"/.exec(text)?.[1] ?? ''

describe('an encoded record', () => {
  it('bears layout, schema, epoch, version and checksum in front of the JSON', () => {
    const text = encodeRecord(aRecord({ schema: 3 }), place)

    assert.match(text, /^L01 3 epoch-1 7 [0-9a-f]{8}\n\{"core":\{/)
  })

  it('keeps the sealed text of a frozen core from turn to turn', () => {
    const core = Object.freeze(aCore())

    const texts = [7, 8].map(version => encodeRecord(aRecord({ core }), { ...place, version }))

    assert.notEqual(sealedIn(texts[0]!), '')
    assert.equal(sealedIn(texts[0]!), sealedIn(texts[1]!))
  })

  it('sees a change in a core that is not frozen', () => {
    const core = { ...aCore(), locale: 'en' }
    encodeRecord(aRecord({ core }), place)
    core.locale = 'pt'

    assert.match(encodeRecord(aRecord({ core }), place), /"locale":"pt"/)
  })

  it('keeps the sealed text of a token when the rest of the core changes', () => {
    const core = aCore()
    const changed = { ...core, locale: 'pt' }

    assert.equal(
      sealedIn(encodeRecord(aRecord({ core }), place)),
      sealedIn(encodeRecord(aRecord({ core: changed }), place))
    )
  })

  it('seals anew for another conversation, epoch or ring', () => {
    const core = Object.freeze(aCore())
    const places = [
      place,
      { ...place, conversation: 'other' },
      { ...place, epoch: 'epoch-2' },
      { ...place, ring: rotated }
    ]

    const sealed = places.map(at => sealedIn(encodeRecord(aRecord({ core }), at)))

    assert.equal(new Set(sealed).size, places.length)
    for (const [index, at] of places.entries()) {
      const text = encodeRecord(aRecord({ core }), at)
      assert.equal(decodeRecord(text, { ...at, schema: 1 }).tag, 'decoded', `place ${index}`)
    }
  })

  it('is refused when a secret stands outside core', () => {
    const flow = { ...aRecord().flow, data: { deep: [{ pin: Secret.of('1234') }] } }

    assert.throws(
      () => encodeRecord(aRecord({ flow }), place),
      error => failureOf(error)?.code === 'CHP_DECISION_INVALID'
    )
  })

  it('takes the word [redacted] in plain data for what it is', () => {
    const flow = { ...aRecord().flow, data: { note: '[redacted]' } }

    const decoded = decodeRecord(encodeRecord(aRecord({ flow }), place), { ...place, schema: 1 })

    assert.equal(decoded.tag, 'decoded')
    assert.match(JSON.stringify(decoded.value), /"note":"\[redacted\]"/)
  })

  it('is refused with a schema that is no whole number', () => {
    for (const schema of [Number.NaN, 1.5, -1]) {
      assert.throws(
        () => encodeRecord(aRecord({ schema }), place),
        error => failureOf(error)?.code === 'CHP_DECISION_INVALID'
      )
    }
  })
})

describe('a decoded record', () => {
  const tokenOf = (value: unknown): Secret =>
    (value as { core: { token: { value: Secret } } }).core.token.value

  it('holds its token as a secret', () => {
    const decoded = decodeRecord(encodeRecord(aRecord(), place), { ...place, schema: 1 })

    assert.equal(decoded.tag, 'decoded')
    assert.ok(tokenOf(decoded.value) instanceof Secret)
    assert.equal(tokenOf(decoded.value).reveal(), 'token-1')
  })

  it('is written back with the sealed text it came with', () => {
    const text = encodeRecord(aRecord(), place)
    const decoded = decodeRecord(text, { ...place, schema: 1 })
    assert.equal(decoded.tag, 'decoded')

    const again = encodeRecord(decoded.value as ReturnType<typeof aRecord>, place)

    assert.equal(sealedIn(again), sealedIn(text))
  })

  it('is sealed with the active key when it is written back after a rotation', () => {
    const text = encodeRecord(aRecord(), place)
    const decoded = decodeRecord(text, { ...place, ring: rotated, schema: 1 })
    assert.equal(decoded.tag, 'decoded')

    const again = encodeRecord(decoded.value as ReturnType<typeof aRecord>, {
      ...place,
      ring: rotated
    })

    assert.match(sealedIn(text), /^k1\./)
    assert.match(sealedIn(again), /^k2\./)
  })

  it('is corrupt when its key is gone, and names the key', () => {
    const text = encodeRecord(aRecord(), place)
    const decoded = decodeRecord(text, {
      ...place,
      ring: keyRing({ active: 'k2', keys: { k2: K2 } }),
      schema: 1
    })

    assert.equal(decoded.tag, 'corrupt')
    assert.equal(decoded.failure.code, 'CHP_SEAL_KEY_UNKNOWN')
    assert.match(decoded.failure.detail, /"k1"/)
  })

  it('is corrupt in another conversation', () => {
    const text = encodeRecord(aRecord(), place)

    assert.equal(decodeRecord(text, { ...place, conversation: 'other', schema: 1 }).tag, 'corrupt')
  })

  it('is of the future when its schema is above ours', () => {
    const text = encodeRecord(aRecord({ schema: 4 }), place)

    const decoded = decodeRecord(text, { ...place, schema: 3 })

    assert.equal(decoded.tag, 'future')
    assert.equal(decoded.failure.code, 'CHP_RECORD_FUTURE')
  })

  it('is of the future when its layout is above ours, whatever follows', () => {
    for (const text of ['L02 anything', 'L99 ', `L02 1 e 7 00000000\n{}`]) {
      assert.equal(decodeRecord(text, { ...place, schema: 1 }).tag, 'future')
    }
  })

  it('is corrupt, not thrown, for texts that were never records', () => {
    const nested = '['.repeat(30_000) + ']'.repeat(30_000)
    for (const text of ['', '{}', 'L01', 'L00 1 e 7 00000000\n{}', 'null', '\0', nested]) {
      assert.equal(decodeRecord(text, { ...place, schema: 1 }).tag, 'corrupt')
    }
  })
})
