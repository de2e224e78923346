import { isRight } from 'fp-ts/lib/Either.js'
import type { Receipt } from '../lib/channel/channel.ts'
import type { At } from '../lib/conversation/decision.ts'
import type { Program } from '../lib/conversation/program.ts'
import type { ConversationRecord } from '../lib/conversation/record.ts'
import type { Inbound } from '../lib/conversation/turn-event.ts'
import type { Metrics } from '../lib/kernel/metrics.ts'
import { systemRandom } from '../lib/kernel/random.ts'
import { createRuntime, type Runtime } from '../lib/runtime/runtime.ts'
import type { Commit } from '../lib/store/conversation-store.ts'
import { decodeRecord, encodeRecord } from '../lib/store/envelope.ts'
import { conversationId, fingerprint } from '../lib/store/identity.ts'
import { redisKeys } from '../lib/store/redis/keys.ts'
import { commit } from '../lib/store/redis/scripts/commit.ts'
import { keyRing } from '../lib/store/seal.ts'
import { closedLoop } from './closed-loop.ts'
import { formBot } from './form-bot.ts'
import { formTalk } from './form-talk.ts'
import { answered, nullStore } from './null-store.ts'

/** One piece of a turn. */
export interface Piece {
  readonly name: string
  /** Does it so many times over, and says how often it was done. */
  readonly run: (times: number) => number | Promise<number>
}

const address = { channel: 'bench', account: 'form', user: '+4915110000000' }
const place = {
  conversation: 'AAAAAAAAAAAAAAAAAAAAAA',
  epoch: 'bench-epoch1',
  ring: keyRing({ active: 'bench', keys: { bench: new Uint8Array(32) }, random: systemRandom })
}
const idKey = new Uint8Array(32).fill(7)
const TURNS = 35
const NEVER = Symbol('never')
// A bot's own core matters here no more than it does to the runtime.
const program = formBot as unknown as Program

/** One decision of the form: what it was made on and what became of it. */
interface Decided {
  readonly state: ConversationRecord
  readonly event: Inbound
  readonly at: At
  readonly next: ConversationRecord
}

/**
 * The pieces of a turn, from its decision to the arguments of its commit, and the turn whole.
 *
 * `close` ends what the whole turns run on.
 */
export async function pieces(): Promise<{
  readonly all: readonly Piece[]
  readonly close: () => Promise<void>
}> {
  const talk = decidedTalk()
  const texts = talk.map(({ next }, turn) => encodeRecord(next, { ...place, version: turn + 1 }))
  const { record } = formBot
  const commits = await commitsOfTalk()
  const own = redisKeys('main').conversation(place.conversation)
  const schema = formBot.schema
  const whole = [await turns(1), await turns(100)]
  const pieces = [
    over('JSON.stringify of the record', talk, ({ next }) => JSON.stringify(next)),
    over('decide', talk, ({ state, event, at }) => program.decide(state, event, at)),
    over('io-ts `is` of the record', talk, ({ next }) => record.is(next)),
    over('encode of the record', talk, ({ next }) => encodeRecord(next, { ...place, version: 9 })),
    over('decode of the record', texts, text => decodeRecord(text, { ...place, schema })),
    over('fingerprint', talk, ({ event }) => fingerprint(address, event.id)),
    over('conversation id', talk, () => conversationId(idKey, address)),
    over('commit: arguments and outcome', commits, step =>
      commit(answered, own, place.conversation, step)
    ),
    ...whole.map(({ piece }) => piece)
  ]
  const close = async (): Promise<void> => {
    await Promise.all(whole.map(({ runtime }) => runtime.stop()))
  }
  return { all: pieces, close }
}

function over<T>(name: string, all: readonly T[], work: (one: T) => unknown): Piece {
  return {
    name,
    run: times => {
      let done = 0
      // What nobody looks at might not be done.
      for (; done < times; done += 1) if (work(all[done % all.length]!) === NEVER) break
      return done
    }
  }
}

function decidedTalk(): readonly Decided[] {
  const all: Decided[] = []
  formTalk(TURNS).forEach(({ says }, turn) => {
    const nowMs = 1_732_100_000_000 + turn
    const at = {
      nowMs,
      seed: turn,
      commit: { ...place, version: turn + 1, nonce: `bench-${turn}` }
    }
    const state: ConversationRecord = all.at(-1)?.next ?? program.initial(address, at)
    const content = { kind: 'text', text: says } as const
    const event = { kind: 'Inbound', id: `wamid.${turn}`, content, arrivedAtMs: nowMs } as const
    const decided = program.decide(state, event, at)
    if (decided.tag !== 'commit') throw new Error(`Turn ${turn} is no commit.`)
    const read = program.record.decode(decided.next)
    if (!isRight(read)) throw new Error(`The state after turn ${turn} does not decode.`)
    all.push({ state, event, at, next: decided.next })
  })
  return all
}

async function commitsOfTalk(): Promise<readonly Commit[]> {
  const store = nullStore()
  const runtime = createRuntime({ bot: formBot, store })
  await runtime.start()
  const seen: Commit[] = []
  store.seen = seen
  const chat = runtime.conversation(address)
  for (const [turn, { says }] of formTalk(TURNS).entries()) {
    await chat.receive({ id: `wamid.${turn}`, content: { kind: 'text', text: says } })
  }
  await runtime.stop()
  return seen
}

/** Whole turns through `receive`; every run talks on where the last one stopped. */
export async function turns(
  inFlight: number,
  metrics?: Metrics
): Promise<{ piece: Piece; runtime: Runtime }> {
  const given = metrics === undefined ? {} : { metrics }
  const runtime: Runtime = createRuntime({ ...given, bot: formBot, store: nullStore() })
  await runtime.start()
  const talk = formTalk(7)
  const chats = Array.from({ length: inFlight }, (_, at) =>
    runtime.conversation({ ...address, user: `+49151${at}` })
  )
  let taken = 0
  const run = async (times: number): Promise<number> => {
    const rounds = Math.ceil(times / inFlight)
    let done = 0
    const taking = {
      take: (at: number, turn: number) =>
        chats[at]!.receive({
          id: `wamid.${at}.${turn}`,
          content: { kind: 'text', text: talk[turn % talk.length]!.says }
        }),
      check: ({ tag }: Receipt) => {
        if (tag === 'committed') done += 1
      }
    }
    const load = { inFlight, conversations: inFlight, warmTurns: 0, turns: rounds }
    const tookUs = new Float64Array(rounds * inFlight)
    await closedLoop(load, taking, [taken, taken + rounds], tookUs)
    taken += rounds
    return Math.min(done, times)
  }
  return { piece: { name: `whole turn without a client, ${inFlight} in flight`, run }, runtime }
}
