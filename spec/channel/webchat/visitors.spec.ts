import assert from 'node:assert/strict'
import { Visitors } from '../../../lib/channel/webchat/visitors.ts'
import { seededRandom, systemRandom } from '../../../lib/kernel/random.ts'

const secret = new Uint8Array(32).fill(7)
const scope = { path: '/', isSecure: false }
const visitors = new Visitors(secret, seededRandom(1))
const pairOf = (cookie: string): string => cookie.split(';', 1)[0] ?? ''

describe('Visitors', () => {
  it('gives each newcomer 128 bits of its own', () => {
    const real = new Visitors(secret, systemRandom)
    const ids = Array.from({ length: 1_000 }, () => real.create())

    assert.equal(new Set(ids).size, 1_000)
    assert.ok(ids.every(id => Buffer.from(id, 'base64url').length === 16))
  })

  it('knows a visitor again by the cookie', () => {
    const id = visitors.create()
    const cookie = pairOf(visitors.cookie(id, scope))

    assert.equal(visitors.idIn(cookie), id)
    assert.equal(visitors.idIn(`theme=dark; ${cookie}; x=1`), id)
  })

  it('takes the one that is signed when a forged one stands before it', () => {
    const id = visitors.create()
    const cookie = pairOf(visitors.cookie(id, scope))
    const forged = cookie.replace(id, visitors.create())

    assert.equal(visitors.idIn(`${forged}; ${cookie}`), id)
  })

  const good = pairOf(visitors.cookie('someone', scope))
  const name = good.split('=', 1)[0] ?? ''
  const refused: readonly (readonly [string, string | undefined])[] = [
    ['no cookie', undefined],
    ['an empty header', ''],
    ['another id under the same signature', good.replace('someone', 'sometwo')],
    ['no signature', `${name}=someone`],
    ['an empty signature', `${name}=someone.`],
    ['half a signature', good.slice(0, -10)],
    ['another name', good.replace(name, 'chp_00000000')],
    ['the cookie of another secret', pairOf(otherCookie('someone'))]
  ]
  for (const [what, cookies] of refused)
    it(`knows nobody by ${what}`, () => {
      assert.equal(visitors.idIn(cookies), null)
    })

  it('keeps the cookie from scripts and from other sites, and for TLS where there is TLS', () => {
    const cookie = visitors.cookie('someone', { path: '/chat/', isSecure: true })

    assert.match(cookie, /; Path=\/chat\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/)
    assert.doesNotMatch(visitors.cookie('someone', scope), /Secure/)
  })

  it('names the cookie after the secret, for cookies know no ports', () => {
    assert.notEqual(otherCookie('someone').split('=', 1)[0], name)
  })

  it('tells visitors apart by a tag that does not hold the id', () => {
    const tags = ['one', 'two'].map(id => visitors.tag(id))

    assert.notEqual(tags[0], tags[1])
    assert.equal(visitors.tag('one'), tags[0])
    assert.ok(!tags[0]?.includes('one'))
  })
})

function otherCookie(id: string): string {
  return new Visitors(new Uint8Array(32).fill(8), seededRandom(1)).cookie(id, scope)
}
