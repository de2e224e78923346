import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../lib/kernel/failure.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

const ROUNDS = 5

/** Who talks, and in how many conversations every message fails by itself. */
interface Crowd {
  readonly talking: number
  readonly ill: number
}

/** Lets the commits of all fail in one tick, five times: only what fails by itself is parked. */
export async function failsAtOnce({ talking, ill }: Crowd): Promise<void> {
  const held = heldCommits(memoryStore())
  const counts = { restarted: 0, supervision: 0 }
  const quiet = (): void => undefined
  const error = ({ event }: { event?: string }): void => {
    if (event === 'supervision.failed') counts.supervision += 1
  }
  const runtime = createRuntime({
    bot: chainProgram({
      hook: (_state, { id }) => {
        if (id.startsWith('bad')) throw new Error('planned')
        return undefined
      }
    }),
    policy: {
      restarts: 1,
      ladder: ['restart', 'park'],
      backoff: { initialMs: 1, maxMs: 1, factor: 1 }
    },
    store: held.store,
    logger: { debug: quiet, info: quiet, warn: quiet, error },
    limits: { queuedEvents: 100_000, loopLagMs: 60_000, turnMs: 60_000, storeCallMs: 60_000 }
  })
  runtime.on('restarted', () => {
    counts.restarted += 1
  })
  await runtime.start()

  const tags: Record<string, number> = {}
  for (let round = 0; round < ROUNDS; round += 1) {
    const allHeld = held.hold(talking + ill)
    const receipts = [
      ...Array.from({ length: talking }, (_, at) => said(runtime, `u${at}`, `m${round}`)),
      ...Array.from({ length: ill }, (_, at) => said(runtime, `ill${at}`, `bad${round}`))
    ]
    await allHeld
    for (const tag of await Promise.all(receipts)) tags[tag] = (tags[tag] ?? 0) + 1
  }
  const { ids } = await held.store.parkedList(null, talking)
  const { ids: frozen } = await held.store.heldList(null, 1)
  await runtime.stop()

  assert.deepEqual(tags, { committed: ROUNDS * talking, parked: ROUNDS * ill })
  const theirs = Array.from({ length: ill }, (_, at) => chat(runtime, `ill${at}`).id)
  assert.deepEqual(ids.toSorted(), theirs.toSorted())
  assert.deepEqual(frozen, [])
  assert.deepEqual(counts, { restarted: ROUNDS * ill, supervision: 0 })
  assert.equal(held.failed(), ROUNDS * (talking + ill))
}

/** A store whose next commits wait for each other, and then all fail in one tick. */
function heldCommits(model: ConversationStore): {
  readonly store: ConversationStore
  hold(count: number): Promise<void>
  failed(): number
} {
  let failed = 0
  let left = 0
  let failAll = (): void => undefined
  let together: Promise<void> = Promise.resolve()
  const commit: ConversationStore['commit'] = async (id, asked) => {
    if (left === 0) return model.commit(id, asked)
    left -= 1
    failed += 1
    if (left === 0) failAll()
    await together
    throw new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'Planned.'))
  }
  const hold = (count: number): Promise<void> => {
    left = count
    together = new Promise(resolve => {
      failAll = resolve
    })
    return together
  }
  const store = new Proxy(model, {
    get: (target, name) => {
      if (name === 'commit') return commit
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
  return { store, hold, failed: () => failed }
}

async function said(runtime: Runtime, user: string, id: string): Promise<string> {
  const content = { kind: 'text', text: 'silent' } as const
  const receipt = await chat(runtime, user).receive({ id, content })
  return receipt.tag === 'shed' ? `shed: ${receipt.reason}` : receipt.tag
}

function chat(runtime: Runtime, user: string) {
  return runtime.conversation({ ...ADDRESS, user })
}
