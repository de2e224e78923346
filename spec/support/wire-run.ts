import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Receipt } from '../../lib/channel/channel.ts'
import { failureOf } from '../../lib/kernel/failure.ts'
import { type Random, seededRandom } from '../../lib/kernel/random.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram, foldOf } from './chain-program.ts'
import type { RedisServer } from './redis-server.ts'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'

/** What may happen on the wire between the runtime and its store. */
const FAULTS = ['loseRequest', 'loseReply', 'hold', 'bytes', 'lateCopy'] as const

/** What one run came to. */
export interface WireFigures {
  readonly faults: Readonly<Record<(typeof FAULTS)[number], number>>
  readonly acknowledged: number
  readonly duplicates: number
  readonly shed: number
  readonly calls: { readonly done: number; readonly refused: number; readonly unknown: number }
  readonly unsettled: number
  readonly longestGapMs: number
}

interface Tally {
  acknowledged: number
  duplicates: number
  shed: number
  longestGapMs: number
  lastMs: number
}

/**
 * Lets members talk to a runtime whose store is behind a wire that is harmed again and again, then
 * looks at what is stored: all that was acknowledged, once, in order, and nothing else.
 */
export async function wireRun(
  server: RedisServer,
  { seed, users, forMs }: { readonly seed: number; readonly users: number; readonly forMs: number }
): Promise<WireFigures> {
  const random = seededRandom(seed)
  const proxy = await startProxy(server.port)
  const url = `redis://127.0.0.1:${proxy.port}`
  const counted = counting(redisStore({ url, commandTimeoutMs: 200 }))
  const runtime = createRuntime({ bot: chainProgram(), store: counted.store, instance: 'wire' })
  await runtime.start()
  const untilMs = performance.now() + forMs
  const tally: Tally = {
    acknowledged: 0,
    duplicates: 0,
    shed: 0,
    longestGapMs: 0,
    lastMs: performance.now()
  }
  const talks = Array.from({ length: users }, (_, at) => talk(runtime, `u${at}`, untilMs, tally))
  const faults = await harmed(proxy, server.port, random, untilMs)
  const sent = await Promise.all(talks)
  for (const [at, ids] of sent.entries()) await whole(runtime, `u${at}`, ids)
  await runtime.stop()
  const unsettled = counted.unsettled()
  await proxy.close()
  const { acknowledged, duplicates, shed, longestGapMs } = tally
  const totals = { acknowledged, duplicates, shed, longestGapMs: Math.round(longestGapMs) }
  return { faults, ...totals, calls: counted.calls, unsettled }
}

/** One member: each message again until it is taken, then the next. Resolves to all ids. */
async function talk(
  runtime: Runtime,
  user: string,
  untilMs: number,
  tally: Tally
): Promise<string[]> {
  const ids: string[] = []
  const chat = runtime.conversation({ ...ADDRESS, user })
  while (performance.now() < untilMs) {
    const id = `${user}.${ids.length}`
    ids.push(id)
    for (let receipt: Receipt | null = null; receipt === null || receipt.tag === 'shed'; ) {
      receipt = await chat.receive({ id, content: { kind: 'text', text: 'hi' } })
      isAnswerTo(receipt, id, ids.length)
      noted(receipt, tally)
      if (receipt.tag === 'shed') await setTimeout(40)
    }
  }
  return ids
}

/** The answer is that of this very message, by its place in the conversation. */
function isAnswerTo(receipt: Receipt, id: string, count: number): void {
  if (receipt.tag === 'shed') return
  assert.ok(receipt.tag === 'committed' || receipt.tag === 'duplicate', receipt.tag)
  const last = receipt.replies.at(-1)
  // A repeat of what was acknowledged by a later message is owed nothing.
  if (last === undefined && receipt.tag === 'duplicate') return
  assert.deepEqual(last, { kind: 'text', text: `${count} ${id}` })
}

function noted({ tag }: Receipt, tally: Tally): void {
  if (tag === 'shed') {
    tally.shed += 1
    return
  }
  if (tag === 'duplicate') tally.duplicates += 1
  tally.acknowledged += 1
  const nowMs = performance.now()
  tally.longestGapMs = Math.max(tally.longestGapMs, nowMs - tally.lastMs)
  tally.lastMs = nowMs
}

async function harmed(
  proxy: TcpProxy,
  port: number,
  random: Random,
  untilMs: number
): Promise<WireFigures['faults']> {
  const faults = { loseRequest: 0, loseReply: 0, hold: 0, bytes: 0, lateCopy: 0 }
  while (performance.now() < untilMs) {
    await setTimeout(10 + random.fraction() * 120)
    const fault = FAULTS[Math.floor(random.fraction() * FAULTS.length)]!
    faults[fault] += 1
    proxy.requests.length = 0
    // A late copy is a request that was lost, and comes when its repeat has long been answered.
    proxy.mode = fault === 'lateCopy' ? 'loseRequest' : fault
    await setTimeout(fault === 'hold' ? random.fraction() * 500 : 5 + random.fraction() * 40)
    proxy.mode = 'pass'
    proxy.release()
    if (fault !== 'lateCopy') continue
    const lost = [...proxy.requests]
    await setTimeout(random.fraction() * 300)
    await sentTo(port, lost)
  }
  return faults
}

/** Writes requests to the server on a connection of their own, and waits until it has read them. */
export async function sentTo(port: number, requests: readonly Buffer[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const read = new Promise<void>(resolve => {
    let said = ''
    socket.on('data', chunk => {
      said += chunk.toString('latin1')
      if (said.includes('+PONG')) resolve()
    })
    // What begins in the middle of a command is refused with the connection: nothing came of it.
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
  for (const request of requests) socket.write(request)
  socket.write('*1\r\n$4\r\nPING\r\n')
  await read
  socket.destroy()
}

async function whole(runtime: Runtime, user: string, ids: readonly string[]): Promise<void> {
  const inspected = await eventuallyInspected(runtime, user)
  assert.equal(inspected?.version, ids.length, user)
  assert.deepEqual(inspected?.data, { count: ids.length, chain: foldOf(ids) }, user)
}

async function eventuallyInspected(runtime: Runtime, user: string) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await runtime.conversation({ ...ADDRESS, user }).inspect()
    } catch (error) {
      if (failureOf(error)?.tag !== 'Unavailable' || tries === 100) throw error
      await setTimeout(50)
    }
  }
}

function counting(store: ConversationStore) {
  const calls = { done: 0, refused: 0, unknown: 0 }
  let under = 0
  const ended = (how: keyof typeof calls): void => {
    under -= 1
    calls[how] += 1
  }
  const counted = new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function' || property === 'close') {
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      }
      return (...args: readonly unknown[]) => {
        under += 1
        const made = Reflect.apply(value, target, args) as Promise<unknown>
        made.then(
          () => ended('done'),
          (error: unknown) => {
            ended(failureOf(error)?.code === 'CHP_STORE_UNAVAILABLE' ? 'unknown' : 'refused')
          }
        )
        return made
      }
    }
  })
  return { store: counted, calls, unsettled: () => under }
}
