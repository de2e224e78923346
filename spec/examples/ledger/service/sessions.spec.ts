import assert from 'node:assert/strict'
import { Sessions } from '../../../../examples/ledger/service/sessions.ts'
import { seededRandom } from '../../../../lib/kernel/random.ts'
import { HandClock } from './a-service.ts'

const SECOND = 1_000
const HOUR = 3_600_000

function someSessions() {
  const clock = new HandClock()
  return { clock, sessions: new Sessions({ clock, random: seededRandom(1) }) }
}

describe('a session', () => {
  it('has a token that begins with tok- and tells whose it is', () => {
    const { sessions } = someSessions()

    const token = sessions.open('m-alice')

    assert.match(token, /^tok-[0-9a-f]{48}$/)
    assert.equal(sessions.use(token), 'm-alice')
    assert.equal(sessions.use('tok-of-nobody'), null)
  })

  it('is over 300 s after its last use, and not a millisecond before', () => {
    const { clock, sessions } = someSessions()
    const token = sessions.open('m-alice')

    clock.advance(300 * SECOND - 1)
    assert.equal(sessions.use(token), 'm-alice')
    clock.advance(300 * SECOND - 1)
    assert.equal(sessions.use(token), 'm-alice')
    clock.advance(300 * SECOND)

    assert.equal(sessions.use(token), null)
  })

  it('is over 6 h after its login, however busy it is (B6)', () => {
    const { clock, sessions } = someSessions()
    const token = sessions.open('m-alice')

    const minutes = 6 * 60
    for (let minute = 1; minute < minutes; minute += 1) {
      clock.advance(60 * SECOND)
      assert.equal(sessions.use(token), 'm-alice')
    }
    clock.advance(60 * SECOND)

    assert.equal(sessions.use(token), null)
  })

  it('is not prolonged by a look', () => {
    const { clock, sessions } = someSessions()
    const token = sessions.open('m-alice')

    clock.advance(200 * SECOND)
    assert.equal(sessions.memberOf(token), 'm-alice')
    clock.advance(100 * SECOND)

    assert.equal(sessions.use(token), null)
  })

  it('ends when it is revoked, alone or with all others', () => {
    const { sessions } = someSessions()
    const [alice, bob] = [sessions.open('m-alice'), sessions.open('m-bob')]

    sessions.revoke('m-alice')
    assert.deepEqual([sessions.use(alice), sessions.use(bob)], [null, 'm-bob'])
    sessions.revoke()

    assert.equal(sessions.use(bob), null)
  })

  it('is one of at most 16 of a member: the oldest goes first', () => {
    const { sessions } = someSessions()
    const tokens = Array.from({ length: 17 }, () => sessions.open('m-alice'))

    const good = tokens.filter(token => sessions.use(token) !== null)

    assert.deepEqual(good, tokens.slice(1))
  })
})

describe('a renewed token', () => {
  it('is good beside the old one for 30 s, so that no request under way is lost', () => {
    const { clock, sessions } = someSessions()
    const old = sessions.open('m-alice')
    const renewed = sessions.renew(old) ?? ''

    clock.advance(30 * SECOND - 1)
    assert.equal(sessions.use(old), 'm-alice')
    clock.advance(1)

    assert.equal(sessions.use(old), null)
    assert.equal(sessions.use(renewed), 'm-alice')
  })

  it('keeps the absolute deadline of its login', () => {
    const { clock, sessions } = someSessions()
    let token = sessions.open('m-alice')

    for (let turn = 0; turn < 6 * 60 - 1; turn += 1) {
      clock.advance(60 * SECOND)
      token = sessions.renew(token) ?? assert.fail('over too early')
    }
    assert.equal(clock.nowMs() - Date.parse('2026-01-05T08:00:00Z'), 6 * HOUR - 60 * SECOND)
    clock.advance(60 * SECOND)

    assert.equal(sessions.use(token), null)
  })

  it('comes from a good token only', () => {
    const { clock, sessions } = someSessions()
    const token = sessions.open('m-alice')

    clock.advance(300 * SECOND)

    assert.equal(sessions.renew(token), null)
  })
})
