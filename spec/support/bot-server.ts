import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { APP_SECRET, PHONE_NUMBER_ID } from '../channel/whatsapp/a-post.ts'
import { type ChildProgram, sourceOf, startProgram } from './child-program.ts'
import { ACCESS_TOKEN, type GraphStandIn, graphStandIn } from './graph-stand-in.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { type WebhookClient, webhookClient } from './webhook-client.ts'

export const VERIFY_TOKEN = 'the verify token'
export const STORES = ['embedded', 'redis'] as const
// So that a Redis that is killed comes back with all that it has acknowledged.
const DURABLE = { appendonly: 'yes', appendfsync: 'always' }
type StoreName = (typeof STORES)[number]

/** A bot server with everything around it: data directory, store, ledger, Graph API, provider. */
export interface BotHouse {
  readonly url: string
  readonly dataDir: string
  readonly graph: GraphStandIn
  readonly client: WebhookClient
  readonly ledger: LedgerControl
  /** Null on the embedded store. */
  readonly redis: RedisServer | null
  /** The process that serves now. */
  readonly server: ChildProgram
  /** Everything that every process of this house has written so far. */
  written(): string
  /** Starts the server again, on the port it had. */
  start(): Promise<void>
  /** Ends the server as a crash would. */
  kill(): Promise<void>
  /** Ends everything and removes the data. */
  end(): Promise<void>
}

export interface BotHouseOptions {
  readonly store?: StoreName
  /** The ledger is a process of its own, so that it outlives the bot server. */
  readonly ledgerApart?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Every store, with the ledger in the server and apart from it. */
export const HOUSES: readonly (BotHouseOptions & { readonly name: string })[] = [
  { name: 'on the embedded store, the ledger in it', store: 'embedded' },
  { name: 'on the embedded store, the ledger apart', store: 'embedded', ledgerApart: true },
  { name: 'on Redis, the ledger in it', store: 'redis' },
  { name: 'on Redis, the ledger apart', store: 'redis', ledgerApart: true }
]

interface Surroundings {
  readonly graph: Awaited<ReturnType<typeof graphStandIn>>
  readonly dataDir: string
  readonly redis: { readonly url: string } | null
  readonly apart: { readonly url: string } | null
}

function settingsOf({ graph, dataDir, redis, apart }: Surroundings): Record<string, string> {
  return {
    ...whatsAppSettings(graph),
    DATA_DIR: dataDir,
    // By default the name has the port in it, and the first life picks a free one.
    INSTANCE: 'house',
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
    ...(apart === null ? {} : { LEDGER_URL: apart.url })
  }
}

/** Starts the ledger bot's server as `make start` does, and what it needs. */
export async function botHouse({
  store = 'embedded',
  ledgerApart = false,
  env = {}
}: BotHouseOptions = {}): Promise<BotHouse> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chaperone-bot-'))
  const ends: (() => Promise<unknown>)[] = []
  const processes: ChildProgram[] = []
  const end = async (): Promise<void> => {
    for (const stop of ends.splice(0).reverse()) await stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  try {
    const graph = await graphStandIn()
    ends.push(() => graph.close())
    const redis: RedisServer | null = store === 'redis' ? await startRedis(DURABLE) : null
    if (redis !== null) ends.push(() => redis.stop())
    const apart = ledgerApart ? await startLedger(dataDir) : null
    if (apart !== null) ends.push(() => apart.program.end('SIGKILL'))
    const settings = { ...settingsOf({ graph, dataDir, redis, apart }), ...env }
    let port = '0'
    let url = ''
    const start = async (): Promise<void> => {
      const program = startProgram(sourceOf('examples/ledger/main.ts'), { ...settings, PORT: port })
      processes.push(program)
      url = String((await program.event('listening'))['url'])
      port = new URL(url).port
    }
    ends.push(() => Promise.all(processes.map(program => program.end('SIGKILL'))))
    await start()
    const current = (): ChildProgram => processes.at(-1) ?? assert.fail('no server was started')
    return {
      dataDir,
      graph,
      redis,
      start,
      end,
      client: webhookClient(() => `${url}/webhooks/whatsapp`),
      ledger: ledgerControl(() => apart?.url ?? ledgerUrlOf(current())),
      written: () => processes.map(program => program.written()).join('\n'),
      kill: async () => {
        await current().end('SIGKILL')
      },
      get url() {
        return url
      },
      get server() {
        return current()
      }
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** The settings of a number whose Graph API is the stand-in. */
function whatsAppSettings(graph: Pick<GraphStandIn, 'url'>): Record<string, string> {
  return {
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_ACCESS_TOKEN: ACCESS_TOKEN,
    WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
    WHATSAPP_API_URL: graph.url,
    LOG_LEVEL: 'debug'
  }
}

/** What the control endpoint of the ledger service offers a spec. */
interface LedgerControl {
  /** Arms faults; see `control-protocol.ts` of the service. */
  arm(...faults: readonly object[]): Promise<void>
  log(): Promise<LedgerLog>
  /** Looks at the log until it is so. */
  until(isSo: (log: LedgerLog) => boolean): Promise<void>
}

interface LedgerLog {
  readonly requests: readonly { endpoint: string; key: string | null; status: unknown }[]
  readonly calls: Readonly<Record<string, number>>
  readonly effects: Readonly<Record<string, number>>
  readonly offers: readonly { offerId: string; amount: string; createdBy: string }[]
}

function ledgerControl(url: () => string): LedgerControl {
  const control = async (body: object): Promise<void> => {
    const answer = await fetch(`${url()}/_control`, { method: 'POST', body: JSON.stringify(body) })
    assert.equal(answer.status, 200, await answer.text())
  }
  const log = async (): Promise<LedgerLog> =>
    (await (await fetch(`${url()}/_log`)).json()) as LedgerLog
  return {
    log,
    arm: (...faults) => control({ faults }),
    until: async isSo => {
      while (!isSo(await log())) await new Promise(setImmediate)
    }
  }
}

function ledgerUrlOf({ log }: ChildProgram): string {
  const line = log.find(({ event }) => event === 'ledger.listening')
  const url = line?.['url']
  return typeof url === 'string' ? url : assert.fail('the ledger does not run in the server')
}

async function startLedger(dataDir: string): Promise<{ program: ChildProgram; url: string }> {
  const program = startProgram(sourceOf('examples/ledger/service/main.ts'), {
    DATA_DIR: join(dataDir, 'apart'),
    LEDGER_CONTROL: 'on'
  })
  return { program, url: String((await program.event('ledger.listening'))['url']) }
}
