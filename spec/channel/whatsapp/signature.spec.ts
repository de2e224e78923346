import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { isSameText, isSigned } from '../../../lib/channel/whatsapp/signature.ts'
import { signatureOf } from './a-post.ts'

describe('isSigned', () => {
  const raw = Buffer.from('{"text":"caf\\u00e9 \\ud83d\\ude00"}')
  const right = signatureOf(raw, 'secret')
  const sha1 = `sha1=${createHmac('sha1', 'secret').update(raw).digest('hex')}`
  const reEncoded = Buffer.from(JSON.stringify(JSON.parse(raw.toString())))

  const cases: readonly (readonly [string, string | undefined, boolean])[] = [
    ['the signature of these bytes', right, true],
    ['the same in capital digits', `sha256=${right.slice(7).toUpperCase()}`, true],
    ['no header', undefined, false],
    ['an empty header', '', false],
    ['a signature under another secret', signatureOf(raw, 'other'), false],
    ['a signature of the body parsed and written again', signatureOf(reEncoded, 'secret'), false],
    ['one digit changed', right.replace(/.$/, last => (last === '0' ? '1' : '0')), false],
    ['one digit short', right.slice(0, -1), false],
    ['one digit too many', `${right}0`, false],
    ['no algorithm', right.slice(7), false],
    ['another algorithm', sha1, false],
    ['digits that are none', `sha256=${'g'.repeat(64)}`, false],
    ['blanks around it', ` ${right} `, false],
    ['two headers, joined', `${right}, ${right}`, false],
    ['a line break after it', `${right}\n`, false]
  ]
  for (const [what, header, accepted] of cases)
    it(`${accepted ? 'accepts' : 'refuses'} ${what}`, () => {
      assert.equal(isSigned(raw, header, ['secret']), accepted)
    })

  it('accepts either of two secrets while one is being replaced', () => {
    assert.equal(isSigned(raw, signatureOf(raw, 'old'), ['new', 'old']), true)
    assert.equal(isSigned(raw, signatureOf(raw, 'new'), ['new', 'old']), true)
    assert.equal(isSigned(raw, signatureOf(raw, 'older'), ['new', 'old']), false)
  })

  it('covers every byte', () => {
    for (let at = 0; at < raw.length; at += 1) {
      const changed = Buffer.from(raw)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(isSigned(changed, right, ['secret']), false)
    }
  })
})

describe('isSameText', () => {
  it('tells texts apart, of equal and of other length', () => {
    assert.equal(isSameText('token', 'token'), true)
    assert.equal(isSameText('tokem', 'token'), false)
    assert.equal(isSameText('toke', 'token'), false)
    assert.equal(isSameText('', 'token'), false)
  })
})
