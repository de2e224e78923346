import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { CallDefinition } from '../../lib/conversation/program.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { ADDRESS } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const MOVES = ['commit', 'load', 'defer', 'acknowledged', 'settleDue'] as const
const WORDS = ['hi', 'hi', 'say 2', 'call pay', 'detach'] as const

/**
 * Two runtimes on one real store take messages while the answers of store, channel and service come
 * in every order that a scheduler draws; each message must be taken once, and every promise kept.
 *
 * `open` opens the store of a round for one of the two.
 */
export async function livesInEveryOrder(
  open: (round: number, index: number) => ConversationStore,
  rounds: number
): Promise<void> {
  const message = fc.record({
    to: fc.nat(1),
    both: fc.boolean(),
    word: fc.constantFrom(...WORDS)
  })
  const messages = fc.array(message, { minLength: 2, maxLength: 7 })
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), messages, async (scheduler, sent) => {
      round += 1
      const lines: string[] = []
      const runtimes = await Promise.all(
        [0, 1].map(index => started(open(round, index), index, scheduler, lines))
      )
      const receipts = sent.flatMap(({ to, both, word }, nth) =>
        (both ? [0, 1] : [to]).map(index => taken(runtimes[index]!, `m${nth}`, word))
      )
      await scheduler.waitFor(Promise.all(receipts))
      const stopped = Promise.all(runtimes.map(runtime => runtime.stop({ graceMs: 3_000 })))
      await scheduler.waitFor(stopped)

      const { violations, commits } = checkEventLog(lines, { idsAreGlobal: true })
      assert.deepEqual(violations, [])
      assert.ok(commits >= sent.length, `${commits} commits for ${sent.length} messages`)
    }),
    { numRuns: rounds }
  )
}

/** Hands a message in until it is taken, as a provider does. */
async function taken(runtime: Runtime, id: string, text: string): Promise<void> {
  for (;;) {
    const content = { kind: 'text', text } as const
    const { tag } = await runtime.conversation(ADDRESS).receive({ id, content })
    if (tag !== 'shed') return
  }
}

async function started(
  store: ConversationStore,
  index: number,
  scheduler: fc.Scheduler,
  lines: string[]
): Promise<Runtime> {
  const runtime = createRuntime({
    bot: chainProgram({ calls: { pay: payment(scheduler) } }),
    store: interleaved(store, scheduler, index),
    instance: `p${index}`,
    eventLog: line => lines.push(line)
  })
  runtime.mount({
    name: 'chan',
    sendTimeoutMs: 5_000,
    unfit: () => null,
    mount: () => undefined,
    send: () => scheduler.schedule(Promise.resolve({ tag: 'sent', providerId: null }), 'send')
  })
  await runtime.start()
  return runtime
}

function payment(scheduler: fc.Scheduler): CallDefinition {
  const answer = { outcome: 'ok', output: null }
  return {
    name: 'pay',
    effect: true,
    input: t.unknown,
    outcomes: { ok: t.unknown },
    attempts: 3,
    timeoutMs: 5_000,
    run: () => TE.fromTask(() => scheduler.schedule(Promise.resolve(answer), 'pay'))
  }
}

/** The store, whose answers come in the order that the scheduler draws. */
function interleaved(
  store: ConversationStore,
  scheduler: fc.Scheduler,
  index: number
): ConversationStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      const made = (args: readonly unknown[]): Promise<unknown> =>
        Reflect.apply(value, target, args) as Promise<unknown>
      const isDrawn = MOVES.some(name => name === property)
      return (...args: readonly unknown[]) =>
        isDrawn ? scheduler.schedule(made(args), `p${index} ${String(property)}`) : made(args)
    }
  })
}
