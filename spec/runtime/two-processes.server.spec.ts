import assert from 'node:assert/strict'
import { seededRandom } from '../../lib/kernel/random.ts'
import { foldOf } from '../support/chain-program.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { type GraphStandIn, graphStandIn } from '../support/graph-stand-in.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { textFrom, type WebhookClient, webhookClient } from '../support/webhook-client.ts'

const USER = '15550009009'
const MESSAGES = 1_000
/** Every tenth message is answered; the others only change the state. */
const ANSWERED_EVERY = 10
const AT_ONCE = 12
const SEED = 7

describe('two processes on one Redis', () => {
  let redis: RedisServer
  let graph: GraphStandIn
  let servers: ChildProgram[] = []
  let urls: string[]
  let chain = ''
  before(async () => {
    redis = await startRedis()
    graph = await graphStandIn()
    servers = ['left', 'right'].map(INSTANCE =>
      startProgram(sourceOf('spec/support/counting-server.ts'), {
        INSTANCE,
        GRAPH_URL: graph.url,
        REDIS_URL: redis.url
      })
    )
    const lines = await Promise.all(servers.map(server => server.event('listening')))
    urls = lines.map(({ url }) => String(url))
  })
  after(async () => {
    await Promise.all(servers.map(server => server.end('SIGKILL')))
    await graph?.close()
    await redis?.stop()
  })

  it(`take ${MESSAGES} messages of one conversation as one (seed ${SEED})`, async () => {
    await postAll(urls.map(url => webhookClient(() => url)))

    const [one, other] = await Promise.all(urls.map(storedAt))
    assert.deepEqual(one, other)
    assert.equal(one?.version, MESSAGES)
    assert.equal(one?.data.count, MESSAGES)
    chain = one?.data.chain ?? ''
  })

  it('send each of its replies, in one order', async () => {
    const replies = await graph.changes.until(
      () => {
        const found = new Set(graph.to(USER).map(({ text }) => text))
        return found.size === MESSAGES / ANSWERED_EVERY ? [...found] : undefined
      },
      () => `the replies, there are ${graph.to(USER).length}`
    )

    const counts = replies.map(text => Number(text.split(' ')[0]))
    const inOrder = counts.toSorted((one, other) => one - other)
    assert.deepEqual(counts, inOrder)
  })

  it('count every message once, both at work, with versions that have no gap', async () => {
    for (const server of servers) assert.equal(await server.end('SIGTERM'), 0)

    const turns = servers
      .flatMap(({ log }) => log.filter(({ event }) => event === 'turn'))
      .toSorted((one, other) => Number(one['version']) - Number(other['version']))
    const versions = turns.map(({ version }) => version)
    assert.deepEqual(
      versions,
      Array.from({ length: MESSAGES }, (_, index) => index + 1)
    )
    const order = turns.map(({ id }) => String(id))
    assert.equal(new Set(order).size, MESSAGES)
    assert.equal(foldOf(order), chain)
    for (const { log } of servers)
      for (const event of ['turn', 'commit.conflict'])
        assert.ok(
          log.some(line => line['event'] === event),
          event
        )
  })
})

/** What a process finds stored, but for replies: those go out between one look and the other. */
async function storedAt(url: string): Promise<Stored> {
  const found = (await (await fetch(`${url}/${USER}`)).json()) as object
  return { ...found, undelivered: [] } as unknown as Stored
}

/** Posts every message to one of the two at random, each fifth to both at the same instant. */
async function postAll(clients: readonly WebhookClient[]): Promise<void> {
  const random = seededRandom(SEED)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < MESSAGES) {
      next += 1
      const message = textFrom(USER, `wamid.${next}`, next % ANSWERED_EVERY === 0 ? 'hi' : 'silent')
      const first = random.fraction() < 0.5 ? 0 : 1
      const chosen = random.fraction() < 0.2 ? [0, 1] : [first]
      await Promise.all(chosen.map(index => clients[index]!.deliver(message)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

interface Stored {
  readonly version: number
  readonly data: { readonly count: number; readonly chain: string }
}
