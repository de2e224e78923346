import { isRight } from 'fp-ts/lib/Either.js'
import type { At } from '../lib/conversation/decision.ts'
import type { Program } from '../lib/conversation/program.ts'
import type { ConversationRecord } from '../lib/conversation/record.ts'
import type { Inbound } from '../lib/conversation/turn-event.ts'
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

/** One piece of a turn: `run` does it `times` over. */
export interface Piece {
  readonly name: string
  readonly run: (times: number) => unknown
}

const address = { channel: 'bench', account: 'form', user: '+4915110000000' }
const place = {
  conversation: 'AAAAAAAAAAAAAAAAAAAAAA',
  epoch: 'bench-epoch1',
  ring: keyRing({ active: 'bench', keys: { bench: new Uint8Array(32) }, random: systemRandom })
}
const idKey = new Uint8Array(32).fill(7)
const TURNS = 35
// A bot's own core matters here no more than it does to the runtime.
const program = formBot as unknown as Program

/** One decision of the form: what it was made on and what became of it. */
interface Decided {
  readonly state: ConversationRecord
  readonly event: Inbound
  readonly at: At
  readonly next: ConversationRecord
}

/** The pieces of a turn, from its decision to the arguments of its commit, and the turn whole. */
export async function pieces(): Promise<readonly Piece[]> {
  const all = decidedTalk()
  const texts = all.map(({ next }, turn) => encodeRecord(next, { ...place, version: turn + 1 }))
  const { record } = formBot
  const commits = await commitsOfTalk()
  const own = redisKeys('main').conversation(place.conversation)
  const schema = formBot.schema
  return [
    over('JSON.stringify of the record', all, ({ next }) => JSON.stringify(next)),
    over('decide', all, ({ state, event, at }) => program.decide(state, event, at)),
    over('io-ts `is` of the record', all, ({ next }) => record.is(next)),
    over('encode of the record', all, ({ next }) => encodeRecord(next, { ...place, version: 9 })),
    over('decode of the record', texts, text => decodeRecord(text, { ...place, schema })),
    over('fingerprint', all, ({ event }) => fingerprint(address, event.id)),
    over('conversation id', all, () => conversationId(idKey, address)),
    over('commit: arguments and outcome', commits, step =>
      commit(answered, own, place.conversation, step)
    ),
    await turns('turn without a client, 1 at a time', 1),
    await turns('turn without a client, 100 in flight', 100)
  ]
}

function over<T>(name: string, all: readonly T[], work: (one: T) => unknown): Piece {
  return {
    name,
    run: times => {
      let last: unknown
      for (let at = 0; at < times; at += 1) last = work(all[at % all.length]!)
      return last
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
async function turns(name: string, inFlight: number): Promise<Piece> {
  const runtime: Runtime = createRuntime({ bot: formBot, store: nullStore() })
  await runtime.start()
  const talk = formTalk(7)
  const chats = Array.from({ length: inFlight }, (_, at) =>
    runtime.conversation({ ...address, user: `+49151${at}` })
  )
  let taken = 0
  return {
    name,
    run: async times => {
      const rounds = Math.ceil(times / inFlight)
      const taking = {
        take: (at: number, turn: number) =>
          chats[at]!.receive({
            id: `wamid.${at}.${turn}`,
            content: { kind: 'text', text: talk[turn % 7]!.says }
          }),
        check: () => undefined
      }
      const load = { inFlight, conversations: inFlight, warmTurns: 0, turns: rounds }
      const tookUs = new Float64Array(rounds * inFlight)
      await closedLoop(load, taking, [taken, taken + rounds], tookUs)
      taken += rounds
    }
  }
}
