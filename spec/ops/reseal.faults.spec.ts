import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { type OpenOperator, openOperator } from '../../lib/ops/operator.ts'
import { redisStore } from '../../lib/redis.ts'
import { decodeRecord } from '../../lib/store/envelope.ts'
import { loaderOf, sourceOf } from '../support/child-program.ts'
import { ringNamed, tokenBot } from '../support/named-ring.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const USERS = 6
const WORDS = ['hi', 'silent', 'call pay', 'hi', 'hi', 'call pay', 'say 2']

/** Two processes with rings of their own, and members who talk as fast as they are answered. */
class House {
  readonly taken: string[] = []
  readonly told: object[] = []
  readonly #url: string
  readonly #children: ChildProcess[] = []
  readonly #answers = new Map<string, string>()
  #stopped = false

  constructor(url: string) {
    this.#url = url
  }

  async start(index: number, ring: string): Promise<void> {
    const source = sourceOf('spec/support/ringed-process.ts')
    const env = { ...process.env, REDIS_URL: this.#url, INSTANCE: `p${index}`, RING: ring }
    const child = fork(source, { env, execArgv: loaderOf(source), stdio: 'inherit' })
    child.on('message', ({ id, tag, told }: { id?: string; tag: string; told?: object }) => {
      if (told !== undefined) this.told.push(told)
      if (id !== undefined) this.#answers.set(id, tag)
    })
    await once(child, 'message')
    this.#children[index] = child
  }

  /** The other one serves meanwhile. */
  async replace(index: number, ring: string, how: 'stop' | 'SIGKILL'): Promise<void> {
    const child = this.#children[index]!
    const ended = once(child, 'exit')
    if (how === 'stop') child.send(how)
    else child.kill(how)
    await ended
    await this.start(index, ring)
  }

  talk(): Promise<void> {
    const lane = async (user: number): Promise<void> => {
      for (let at = 1; !this.#stopped; at += 1) {
        const id = `u${user}.${at}`
        const tag = await this.deliver(id, WORDS[at % WORDS.length]!)
        assert.ok(['committed', 'deferred', 'duplicate'].includes(tag), tag)
        this.taken.push(id)
      }
    }
    return Promise.all(Array.from({ length: USERS }, (_, user) => lane(user))).then(() => undefined)
  }

  /** Hands it to one process after the other until one has taken it. */
  async deliver(id: string, text: string): Promise<string> {
    this.#answers.delete(id)
    for (let tries = 0; tries < 400; tries += 1) {
      const child = this.#children[tries % 2]!
      if (child.connected) {
        child.send({ id, user: id.split('.', 1)[0], text }, () => undefined)
        for (let waits = 0; waits < 100 && !this.#answers.has(id); waits += 1) await setTimeout(5)
      }
      const tag = this.#answers.get(id) ?? 'shed'
      this.#answers.delete(id)
      if (tag !== 'shed') return tag
      await setTimeout(20)
    }
    return 'never'
  }

  async more(messages: number): Promise<void> {
    const enough = this.taken.length + messages
    while (this.taken.length < enough) await setTimeout(20)
  }

  stop(): void {
    this.#stopped = true
  }

  async end(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
  }
}

describe('keys that are rotated under load on one Redis', () => {
  let redis: RedisServer
  let house: House
  before(async () => {
    redis = await startRedis()
    house = new House(redis.url)
  })
  after(async () => {
    await house?.end()
    await redis?.stop()
  })
  const operator = (ring: string): Promise<OpenOperator> =>
    openOperator({ bot: tokenBot(), store: redisStore({ url: redis.url }), keys: ringNamed(ring) })

  it('lose no message and no secret, by three deploys and one walk', async () => {
    await Promise.all([house.start(0, 'k1,k2'), house.start(1, 'k1,k2')])
    const talking = house.talk()
    const more = (): Promise<void> => Promise.race([house.more(100), talking])
    await more()
    await house.replace(0, 'k2,k1', 'stop')
    await more()
    await house.replace(1, 'k2,k1', 'SIGKILL')
    await more()
    const ops = await operator('k2,k1')
    const report = await ops.reseal({ batch: 2 })
    assert.deepEqual([report.left, report.damaged], [{}, 0])
    await ops.close()
    await house.replace(0, 'k2', 'SIGKILL')
    await house.replace(1, 'k2', 'stop')
    await more()
    house.stop()
    await talking

    for (const id of house.taken) assert.equal(await house.deliver(id, 'hi'), 'duplicate', id)
    assert.deepEqual(house.told.filter(isOfSeals), [])
    await tokensAreWhole(redis.url)
  })
})

function isOfSeals(told: object): boolean {
  return /SEAL|recovered|CORRUPT|rollback/.test(JSON.stringify(told))
}

/** Every secret opens with the new key alone, in every slot. */
async function tokensAreWhole(url: string): Promise<void> {
  const store = redisStore({ url })
  await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
  const { ids } = await store.list(null, 100)
  assert.equal(ids.length, USERS)
  for (const conversation of ids) {
    const { slots } = await store.export(conversation)
    assert.equal(slots.length, 2)
    for (const text of slots) {
      const read = decodeRecord(text, { conversation, ring: ringNamed('k2'), schema: 1 })
      assert.ok(read.tag === 'decoded')
      const { core } = read.value as { core: { channel: { user: string }; token: TokenRow } }
      assert.equal(core.token.value.reveal(), `token of ${core.channel.user}`)
    }
  }
  await store.close()
}

interface TokenRow {
  readonly value: { reveal(): string }
}
