import assert from 'node:assert/strict'
import { seededRandom } from '../../lib/kernel/random.ts'
import { foldOf } from '../support/chain-program.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { type GraphStandIn, graphStandIn } from '../support/graph-stand-in.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { textFrom, type WebhookClient, webhookClient } from '../support/webhook-client.ts'

const USER = '15550009009'
const MESSAGES = 1_000
const AT_ONCE = 12
const SEED = 7

describe('two processes on one Redis', () => {
  let redis: RedisServer
  let graph: GraphStandIn
  let servers: ChildProgram[] = []
  let urls: string[]
  before(async () => {
    redis = await startRedis()
    graph = await graphStandIn()
    servers = ['left', 'right'].map(INSTANCE =>
      startProgram(sourceOf('spec/support/counting-server.ts'), {
        ...{ INSTANCE, GRAPH_URL: graph.url, REDIS_URL: redis.url }
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

  it(`take ${MESSAGES} messages of one conversation as one (seed ${SEED})`, async function () {
    this.timeout(120_000)
    const clients = urls.map(url => webhookClient(() => url))

    await postAll(clients)

    const counted = await graph.changes.until(
      () => {
        const found = countedIn(graph)
        return found.size === MESSAGES ? found : undefined
      },
      () => `${MESSAGES} replies, there are ${countedIn(graph).size}`
    )
    const order = Array.from({ length: MESSAGES }, (_, index) => counted.get(index + 1) ?? '')
    assert.equal(new Set(order).size, MESSAGES, 'a message was counted twice')
    for (const url of urls) {
      const stored = (await (await fetch(`${url}/${USER}`)).json()) as Stored
      assert.equal(stored.version, MESSAGES)
      assert.deepEqual(stored.data, { count: MESSAGES, chain: foldOf(order) })
    }
    const taken = servers.map(({ log }) => log.filter(({ event }) => event === 'commit.conflict'))
    assert.ok(
      taken.every(conflicts => conflicts.length > 0),
      'the two never met'
    )
  })
})

/** Posts every message to one of the two at random, each fifth to both at the same instant. */
async function postAll(clients: readonly WebhookClient[]): Promise<void> {
  const random = seededRandom(SEED)
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < MESSAGES) {
      next += 1
      const message = textFrom(USER, `wamid.${next}`, 'hi')
      const first = random.fraction() < 0.5 ? 0 : 1
      const chosen = random.fraction() < 0.2 ? [0, 1] : [first]
      await Promise.all(chosen.map(index => clients[index]!.deliver(message)))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

/** The message behind each count, by the replies; a count that stands for two is an error. */
function countedIn(graph: GraphStandIn): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  for (const { text } of graph.to(USER)) {
    const [count = '', id = ''] = text.split(' ')
    const known = found.get(Number(count))
    assert.ok(known === undefined || known === id, `${count} was said for ${known} and for ${id}`)
    found.set(Number(count), id)
  }
  return found
}

interface Stored {
  readonly version: number
  readonly data: { readonly count: number; readonly chain: string }
}
