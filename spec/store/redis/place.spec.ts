import assert from 'node:assert/strict'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { checkedPlace, type RedisPlace, targetAt } from '../../../lib/store/redis/place.ts'

const refusal = (place: unknown): string => {
  try {
    checkedPlace(place as RedisPlace)
  } catch (error) {
    const failed = failureOf(error)
    assert.equal(failed?.code, 'CHP_SETTING_INVALID')
    return failed.detail
  }
  return assert.fail('it was not refused')
}
const sentinel = { nodes: ['redis://10.0.0.1', 'redis://10.0.0.2:5000'], master: 'chat' }

describe('where a Redis store finds its servers', () => {
  it('is said by exactly one of three settings', () => {
    assert.match(refusal({}), /exactly one of `url`, `sentinel` and `cluster`.*none/)
    assert.match(refusal({ url: 'redis://a', cluster: ['redis://b'] }), /`url`, `cluster`\.$/)
  })

  it('is one server, with user, password, database and TLS as its URL says', () => {
    const place = checkedPlace({ url: 'rediss://me:a%40b@[::1]:7000/3' }, { servername: 'chat' })

    assert.ok(place.kind === 'one')
    assert.deepEqual(place.target, {
      options: {
        host: '::1',
        port: 7000,
        username: 'me',
        password: 'a@b',
        db: 3,
        tls: { servername: 'chat' }
      },
      shown: '[::1]:7000'
    })
  })

  it('is asked of sentinels, which have users of their own', () => {
    const nodes = ['rediss://watch:eye@10.0.0.1', 'rediss://watch:eye@10.0.0.2:5000']
    const place = checkedPlace({ sentinel: { ...sentinel, nodes, password: 'data' } })

    assert.ok(place.kind === 'one')
    assert.deepEqual(place.target.options, {
      sentinels: [
        { host: '10.0.0.1', port: 26_379 },
        { host: '10.0.0.2', port: 5000 }
      ],
      name: 'chat',
      role: 'master',
      sentinelUsername: 'watch',
      sentinelPassword: 'eye',
      sentinelTLS: {},
      password: 'data'
    })
    assert.equal(place.target.shown, 'chat (sentinels 10.0.0.1:26379, 10.0.0.2:5000)')
  })

  it('is learned from some servers of a Cluster, all of one user and protocol', () => {
    const place = checkedPlace({ cluster: ['redis://:pw@10.0.0.1:7001', 'redis://:pw@10.0.0.2'] })

    assert.ok(place.kind === 'cluster')
    assert.deepEqual(
      place.targets.map(({ shown }) => shown),
      ['10.0.0.1:7001', '10.0.0.2:6379']
    )
    assert.match(refusal({ cluster: ['redis://:a@x', 'redis://:b@y'] }), /same user, password/)
    assert.match(refusal({ cluster: ['redis://x', 'rediss://y'] }), /protocol/)
    assert.match(refusal({ cluster: ['redis://x/1'] }), /`cluster` names no database/)
  })

  it('goes on at another address with the same user, password and TLS', () => {
    const place = checkedPlace({ url: 'rediss://me:pw@10.0.0.1:7000' })
    assert.ok(place.kind === 'one')

    assert.deepEqual(targetAt(place.target, '10.0.0.9', 7009), {
      options: { host: '10.0.0.9', port: 7009, username: 'me', password: 'pw', tls: {} },
      shown: '10.0.0.9:7009'
    })
  })

  for (const [setting, place] of [
    ['Redis URL', { url: 'http://127.0.0.1' }],
    ['Redis URL', { url: 'localhost:6379' }],
    ['Redis URL', { url: 'redis://127.0.0.1/main' }],
    ['Redis URL', { url: 'redis://127.0.0.1?family=6' }],
    ['Redis URL', { url: 'redis://u:100%@127.0.0.1' }],
    ['`cluster`', { cluster: [] }],
    ['`cluster`', { cluster: 'redis://127.0.0.1' }],
    ['`cluster`', { cluster: ['redis://127.0.0.1', 'nothing'] }],
    ['`sentinel.nodes`', { sentinel: { ...sentinel, nodes: [] } }],
    ['`sentinel.nodes`', { sentinel: { ...sentinel, nodes: ['10.0.0.1:26379'] } }],
    ['`sentinel.master`', { sentinel: { ...sentinel, master: '' } }]
  ] as const) {
    it(`is refused by name: ${JSON.stringify(place)}`, () => {
      const said = refusal(place)

      assert.ok(said.includes(setting), said)
      assert.ok(!said.includes('100%'), said)
    })
  }
})
