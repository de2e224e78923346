import assert from 'node:assert/strict'
import type { Core } from '../../lib/conversation/record.ts'
import { accessors, signedOut } from '../../lib/flow/core-accessors.ts'
import { failureOf } from '../../lib/kernel/failure.ts'
import { Secret } from '../../lib/kernel/secret.ts'

const empty: Core = {
  channel: { channel: 'c', account: 'a', user: 'u' },
  locale: 'en',
  member: null,
  account: null,
  token: null,
  cache: null
}
const write = (core: Core, name: keyof typeof accessors, value?: unknown) =>
  accessors[name](core, value as never, 7)
const signedIn = write(empty, 'signIn', {
  token: 'tok-1',
  member: { tier: 1 },
  account: 'acc-1',
  cache: { balance: '5' }
})

describe('an accessor of the core', () => {
  it('signs in with a sealed token, its time, member, account and cache', () => {
    assert.equal(signedIn.token?.value.reveal(), 'tok-1')
    assert.deepEqual(
      { ...signedIn, token: null },
      {
        ...empty,
        member: { tier: 1 },
        account: 'acc-1',
        cache: { balance: '5' }
      }
    )
    assert.deepEqual([signedIn.token?.setAt, signedIn.token?.refreshes], [7, 0])
  })

  it('keeps account and cache on a sign-in that says nothing of them', () => {
    const again = write(signedIn, 'signIn', { token: Secret.of('tok-2'), member: { tier: 2 } })

    assert.equal(again.account, 'acc-1')
    assert.equal(again.cache, signedIn.cache)
    assert.equal(again.token?.value.reveal(), 'tok-2')
  })

  it('counts the refreshes of a token', () => {
    const once = write(signedIn, 'refreshToken', 'tok-2')
    const twice = write(once, 'refreshToken', Secret.of('tok-3'))

    assert.deepEqual([once.token?.refreshes, twice.token?.refreshes], [1, 2])
    assert.equal(twice.token?.value.reveal(), 'tok-3')
  })

  it('refuses an empty token by name and leaves the core as it was', () => {
    for (const [name, value] of [
      ['signIn', { token: '', member: {} }],
      ['refreshToken', Secret.of('')],
      ['refreshToken', undefined]
    ] as const)
      assert.throws(
        () => write(signedIn, name, value),
        error => {
          const failure = failureOf(error)
          assert.equal(failure?.code, 'CHP_DECISION_INVALID')
          assert.match(failure?.detail ?? '', /core\.token/)
          return true
        }
      )
    assert.equal(signedIn.token?.value.reveal(), 'tok-1')
  })

  it('refuses an account or a locale that is no text', () => {
    assert.throws(() => write(signedIn, 'chooseAccount', ''), /core\.account/)
    assert.throws(() => write(signedIn, 'useLocale', 5), /core\.locale/)
  })

  it('changes nothing but what it is named for', () => {
    for (const [name, value, field] of [
      ['changeMember', { tier: 2 }, 'member'],
      ['remember', { balance: '1' }, 'cache'],
      ['chooseAccount', 'acc-2', 'account'],
      ['useLocale', 'fr', 'locale']
    ] as const) {
      const after = write(signedIn, name, value)
      assert.deepEqual(after, { ...signedIn, [field]: value })
      assert.equal(after.token, signedIn.token)
    }
  })

  it('freezes what it takes over, whole', () => {
    const cache = { list: [{ a: 1 }] }

    write(signedIn, 'remember', cache)

    assert.ok(Object.isFrozen(cache.list[0]))
  })

  it('signs out of everything but the address and the locale', () => {
    assert.deepEqual(write(signedIn, 'signOut'), empty)
    assert.equal(signedOut(empty), empty)
  })
})
