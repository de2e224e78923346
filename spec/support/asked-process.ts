import { setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CallDefinition } from '../../lib/conversation/program.ts'
import type { Runtime } from '../../lib/runtime/runtime.ts'

interface Asked {
  readonly id: string
  readonly user: string
  readonly text: string
}

/** An effect that takes its time. */
export function slowPay(ms: number): CallDefinition {
  return {
    name: 'pay',
    effect: true,
    input: t.unknown,
    outcomes: { ok: t.unknown },
    attempts: 3,
    timeoutMs: 1_000,
    run: () => async () => {
      await setTimeout(ms)
      return E.right({ outcome: 'ok', output: null })
    }
  }
}

/** Starts a runtime that takes messages from its parent process and sends replies nowhere. */
export async function startAsked(runtime: Runtime, sendMs: number): Promise<void> {
  runtime.mount({
    name: 'chan',
    sendTimeoutMs: 1_000,
    unfit: () => null,
    mount: () => undefined,
    send: async () => {
      if (sendMs > 0) await setTimeout(sendMs)
      return { tag: 'sent', providerId: null }
    }
  })
  await runtime.start()
  process.on('message', (asked: Asked | 'stop') => {
    if (asked === 'stop') {
      void runtime.stop().then(() => process.disconnect())
      return
    }
    const { id, user, text } = asked
    void runtime
      .conversation({ channel: 'chan', account: 'a', user })
      .receive({ id, content: { kind: 'text', text } })
      .then(({ tag }) => process.send?.({ id, tag }))
  })
  process.send?.({ tag: 'ready' })
}
