import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  back,
  call,
  choose,
  defineBot,
  defineCall,
  defineFlow,
  goto,
  say,
  text
} from '../../lib/flow/index.ts'
import type { Process, World } from './a-world.ts'

interface Change {
  /** One attempt at paying may take so long; three of 10 s are made by default. */
  readonly timeoutMs?: number
  readonly attempts?: number
  readonly idleSeconds?: number
}

/** Two calls, of which one hangs until it is let go. */
function hangingCalls({ timeoutMs = 10_000, attempts = 3 }: Change) {
  const made = { pay: 0, look: 0, keys: new Set<string>() }
  const done = { outcome: 'done' as const, output: {} }
  const waiting: ((answer: typeof done) => void)[] = []
  const service = {
    hangs: true,
    /** Hangs no more, and answers whoever waits. */
    answer: (): void => {
      service.hangs = false
      for (const answer of waiting.splice(0)) answer(done)
    }
  }
  const outcomes = { done: t.strict({}) }
  const pay = defineCall({
    name: 'pay',
    effect: true,
    input: t.strict({}),
    outcomes,
    timeoutMs,
    attempts,
    breaker: { failures: 6, openMs: 10_000 },
    late: { done: text('late') },
    run: (_input, { key }) =>
      attempt(() => {
        made.pay += 1
        made.keys.add(key)
        if (!service.hangs) return Promise.resolve(done)
        return new Promise<typeof done>(resolve => void waiting.push(resolve))
      })
  })
  const look = defineCall({
    name: 'look',
    effect: false,
    input: t.strict({}),
    outcomes,
    run: () =>
      attempt(async () => {
        made.look += 1
        return done
      })
  })
  return { made, service, pay, look }
}

/** A bot that makes them. */
export function hangingBot({ idleSeconds = 600, ...change }: Change = {}) {
  const { made, service, pay, look } = hangingCalls(change)
  const home = defineFlow(
    { name: 'home', start: 'idle' },
    {
      idle: choose({
        prompt: text('ask'),
        options: ['pay', 'look'].map(id => ({ id, label: id })),
        words: { pay: 'pay', look: 'look' },
        next: option => (option === 'pay' ? goto('pay') : goto('look')),
        invalid: text('ask')
      }),
      pay: call({
        call: pay,
        input: () => ({}),
        outcomes: { done: [say(text('paid')), goto('idle')] },
        unreachable: ({ known }) => back('idle', text(known === 'unknown' ? 'maybe' : 'down'))
      }),
      look: call({
        call: look,
        input: () => ({}),
        outcomes: { done: [say(text('seen')), goto('idle')] },
        unreachable: back('idle', text('down'))
      })
    }
  )
  const keys = ['ask', 'paid', 'seen', 'maybe', 'down', 'late', 'notice']
  const bot = defineBot({
    name: 'hanging',
    flows: [home],
    start: 'home',
    session: { idleSeconds, notice: 'notice' },
    commands: { menu: { words: ['menu'], do: 'home' } },
    texts: { en: Object.fromEntries(keys.map(key => [key, key])) }
  })
  return { bot, made, service }
}

/** What a member was told, in order. */
export const heard = (process: Process, user: string): readonly string[] =>
  process.turns
    .filter(({ conversation }) => conversation === process.chat(user).id)
    .flatMap(({ replies }) => replies.map(reply => ('text' in reply ? reply.text : reply.kind)))

/** Members say this to a bot one after the other, and how long the slowest receipt took. */
export async function allSay(world: World, process: Process, users: string[], word: string) {
  let slowestMs = 0
  for (const user of users) {
    const sinceMs = world.clock.monotonicMs()
    const receipt = await process.say(`${user}.${word}.${sinceMs}`, word, user)
    slowestMs = Math.max(slowestMs, world.clock.monotonicMs() - sinceMs)
    assert.ok(receipt.tag === 'committed' || receipt.tag === 'deferred')
  }
  return slowestMs
}
