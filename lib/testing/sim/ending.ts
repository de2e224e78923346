import type { MemoryStore } from '../memory-store.ts'
import type { Ground, Node } from './node.ts'
import type { Operators } from './operators.ts'
import type { Provider } from './provider.ts'
import { standingOf, type Truth } from './world-log.ts'

/** Everything there is in one simulation. */
export interface World {
  readonly ground: Ground
  readonly nodes: readonly Node[]
  readonly truth: Truth
  readonly model: MemoryStore
  readonly provider: Provider
  readonly operators: Operators
}

/** True when nothing is under way, and nothing waits in the store. */
export async function isOver({ ground, truth, model, nodes }: World): Promise<boolean> {
  for (const { runtime } of nodes) if (runtime === null || busy(runtime) !== null) return false
  const soonMs = ground.clock.nowMs() + SOON_MS
  for (const conv of truth.conversations) {
    if ((await leftIn(model, ground, conv)) !== null) return false
    const { record } = await model.load(conv)
    for (const [, dueMs] of (record ?? '').matchAll(/"dueMs":(\d+)/g)) {
      if (Number(dueMs) < soonMs) return false
    }
  }
  return true
}

/** A timer that is due so soon is waited for. */
const SOON_MS = 1_500

function busy(runtime: NonNullable<Node['runtime']>): string | null {
  const left = Object.entries(runtime.activity()).filter(([, count]) => count > 0)
  return left.length === 0 ? null : left.map(([what, count]) => `${count} ${what}`).join(', ')
}

async function leftIn(
  model: MemoryStore,
  { byReceipt }: Ground,
  conv: string
): Promise<string | null> {
  const { inbox, calls, undelivered: owed } = await model.load(conv)
  // Where receipts carry the replies, the last ones wait for the member to write again.
  const undelivered = byReceipt.has(conv) ? [] : owed
  const left = Object.entries({ inbox, calls, undelivered }).filter(([, rows]) => rows.length > 0)
  if (left.length === 0) return null
  return left.map(([what, rows]) => `${rows.length} left in ${what}`).join(', ')
}

/** Tells what the store holds in the end, and what is still under way. */
export async function tellEnd({
  ground,
  truth,
  model,
  nodes,
  provider,
  operators
}: World): Promise<void> {
  const { log } = ground
  for (const conv of truth.conversations) {
    const { newestHead, record } = await model.load(conv)
    const outcome = await leftIn(model, ground, conv)
    log.tell('final', {
      conv,
      parent: newestHead,
      ...(await standingOf(model, conv)),
      ...(outcome === null ? {} : { outcome }),
      ...chainIn(record)
    })
  }
  for (const { name, runtime } of nodes) {
    const outcome = runtime === null ? 'not started' : busy(runtime)
    if (outcome !== null) log.tell('rest', { id: name, outcome })
  }
  if (provider.waiting > 0) {
    log.tell('rest', { id: 'provider', outcome: `${provider.waiting} unacknowledged messages` })
  }
  if (operators.waiting > 0) {
    log.tell('rest', { id: 'operators', outcome: `${operators.waiting} orders not obeyed` })
  }
  log.tell('end')
}

function chainIn(record: string | null): { readonly digest?: string } {
  const digest = /"chain":"([^"]*)"/.exec(record ?? '')?.[1]
  return digest === undefined ? {} : { digest }
}
