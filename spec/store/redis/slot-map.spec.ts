import assert from 'node:assert/strict'
import { redirectOf, slotMap } from '../../../lib/store/redis/slot-map.ts'

describe('the map of slots', () => {
  it('names the master of each range, and who was asked where that is left out', () => {
    const node = (host: string | null, port: number) => [host, port, 'id', []]
    const answer = [
      [0, 99, node('10.0.0.1', 7001), node('10.0.0.4', 7004)],
      [100, 100, node('', 7002)],
      [101, 200, node(null, 7003)],
      [201, 300]
    ]

    assert.deepEqual(slotMap(answer, '10.0.0.9'), [
      { from: 0, to: 99, host: '10.0.0.1', port: 7001 },
      { from: 100, to: 100, host: '10.0.0.9', port: 7002 },
      { from: 101, to: 200, host: '10.0.0.9', port: 7003 }
    ])
  })
})

describe('a redirection', () => {
  for (const [message, redirect] of [
    ['MOVED 3999 10.0.0.2:6381', { tag: 'moved', slot: 3999, host: '10.0.0.2', port: 6381 }],
    ['ASK 12 fe80::1:6381', { tag: 'ask', slot: 12, host: 'fe80::1', port: 6381 }],
    ['MOVED 3999 :6381', { tag: 'moved', slot: 3999, host: 'asked', port: 6381 }],
    ['MOVED 3999 ?:6381', { tag: 'moved', slot: 3999, host: 'asked', port: 6381 }],
    ['TRYAGAIN Multiple keys request during rehashing of slot', { tag: 'tryAgain' }],
    ['MOVED __proto__ 10.0.0.2:6381', null],
    ['CLUSTERDOWN Hash slot not served', null],
    ['Command timed out', null],
    ['', null]
  ] as const) {
    it(`is read from "${message}"`, () => {
      assert.deepEqual(redirectOf(new Error(message), 'asked'), redirect)
    })
  }
})
