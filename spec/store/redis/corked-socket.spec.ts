import assert from 'node:assert/strict'
import type { Redis } from 'ioredis'
import { CorkedSocket } from '../../../lib/store/redis/corked-socket.ts'

/** A socket that only counts: how many writes would leave, and how deep it is corked. */
function aSocket() {
  const counts = { corked: 0, flushed: 0 }
  const stream = {
    cork: () => {
      counts.corked += 1
    },
    uncork: () => {
      counts.corked -= 1
      counts.flushed += 1
    }
  }
  return { counts, redis: { stream } as unknown as Redis }
}

function send(socket: CorkedSocket, commands: number): void {
  for (let command = 0; command < commands; command += 1) socket.sending()
}

async function turn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}

describe('a corked socket', () => {
  it('writes at once while 32 commands or fewer are in flight', async () => {
    const { counts, redis } = aSocket()
    const socket = new CorkedSocket(redis)

    send(socket, 32)

    assert.deepEqual(counts, { corked: 0, flushed: 0 })
    await turn()
    assert.deepEqual(counts, { corked: 0, flushed: 0 })
  })

  it('gathers what one turn sends beyond that into one write', async () => {
    const { counts, redis } = aSocket()
    const socket = new CorkedSocket(redis)

    send(socket, 60)
    assert.deepEqual(counts, { corked: 1, flushed: 0 })

    await turn()
    assert.deepEqual(counts, { corked: 0, flushed: 1 })
  })

  it('lets no more than 32 commands wait for one write', async () => {
    const { counts, redis } = aSocket()
    const socket = new CorkedSocket(redis)

    send(socket, 32 + 1 + 3 * 32)

    assert.deepEqual(counts, { corked: 1, flushed: 3 })
    await turn()
    assert.equal(counts.corked, 0)
  })

  it('writes at once again when few are left in flight', async () => {
    const { counts, redis } = aSocket()
    const socket = new CorkedSocket(redis)
    send(socket, 40)
    await turn()
    const { flushed } = counts

    for (let command = 0; command < 40; command += 1) socket.landed()
    send(socket, 10)
    await turn()

    assert.deepEqual(counts, { corked: 0, flushed })
  })

  for (const stream of [undefined, null, {}, 'closed']) {
    it(`does nothing when the socket is ${JSON.stringify(stream) ?? 'missing'}`, async () => {
      const socket = new CorkedSocket({ stream } as unknown as Redis)

      assert.doesNotThrow(() => send(socket, 100))
      await turn()
    })
  }
})
