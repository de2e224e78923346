import fc from 'fast-check'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Content } from '../../lib/conversation/content.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { type OpenOperator, openOperator } from '../../lib/ops/operator.ts'
import { decodeRecord } from '../../lib/store/envelope.ts'
import { type KeyRing, keyRing } from '../../lib/store/seal.ts'
import { aWorld, type Process, until, type World } from './a-world.ts'
import { payingBot, type Till, tap } from './paying-bot.ts'

/** One thing that may happen in a conversation of the paying bot. */
export type Happening = 'hi' | 'first option' | 'amount' | 'handle' | 'nonsense' | 'paid' | 'away'

const ONE = fc
  .constantFrom<Happening>('hi', 'first option', 'amount', 'handle', 'nonsense', 'paid', 'away')
  .map(happening => [happening])
/** All the way to a payment that nobody has answered yet. */
const PAYMENT: readonly Happening[] = ['hi', 'first option', 'amount', 'handle', 'first option']

/** Anything in any order, and now and then a payment between. */
export const happenings: fc.Arbitrary<readonly Happening[]> = fc
  .array(fc.oneof({ weight: 4, arbitrary: ONE }, { weight: 1, arbitrary: fc.constant(PAYMENT) }), {
    minLength: 5,
    maxLength: 25
  })
  .map(parts => parts.flat())

/** A conversation of the paying bot, and every record that was committed of it, in plain JSON. */
export interface Told {
  readonly world: World
  readonly process: Process
  readonly till: Till
  readonly records: ReadonlyMap<number, unknown>
  /** Another process takes over, of a bot or a key ring that has changed. */
  readonly again: (change: Partial<Program>, keys?: KeyRing) => Promise<Process>
  /** An operator in a process beside this one. */
  readonly beside: () => Promise<OpenOperator>
  readonly happen: (happening: Happening) => Promise<void>
}

const ring = keyRing({ active: 'k', keys: { k: new Uint8Array(32) }, random: seededRandom(5) })

/** Begins one; each login gives another token. */
export async function told(): Promise<Told> {
  const world = aWorld()
  const records = new Map<number, unknown>()
  const commit = world.model.commit.bind(world.model)
  world.model.commit = async (id, asked) => {
    const outcome = await commit(id, asked)
    const read = decodeRecord(asked.record, { conversation: id, ring, schema: 9 })
    if (outcome.tag === 'committed' && read.tag === 'decoded') {
      records.set(read.version, JSON.parse(JSON.stringify(read.value)))
    }
    return outcome
  }
  const { bot, till } = payingBot()
  const own = freshTokens(bot)
  const process = await world.start({ bot: own, keys: ring })
  const again: Told['again'] = async (change, keys = ring) => {
    process.kill()
    return world.start({ bot: { ...own, ...change }, keys })
  }
  let messages = 0
  const send = async (content: Content): Promise<void> => {
    messages += 1
    await until(world.clock, process.chat().receive({ id: `m${messages}`, content }))
    await world.pass(50)
  }
  const happen = async (happening: Happening): Promise<void> => {
    if (happening === 'paid') till.open()
    else if (happening === 'away') await world.pass(400_000)
    else if (happening !== 'first option') await send({ kind: 'text', text: TEXTS[happening] })
    else await send(await tap(process, (await optionsOf(process))[0] ?? 'none'))
    await world.pass(50)
  }
  const beside = (): Promise<OpenOperator> => {
    const { clock, model: store } = world
    return openOperator({ bot: own, store, keys: ring, clock, random: seededRandom(99) })
  }
  return { world, process, till, records, again, beside, happen }
}

const TEXTS = { hi: 'hi', amount: '12', handle: 'bob', nonsense: 'what now' } as const

async function optionsOf(process: Process): Promise<readonly string[]> {
  return (await process.chat().inspect())?.prompt?.options ?? []
}

function freshTokens(bot: Program): Program {
  let logins = 0
  const login = bot.calls['login']!
  const run: typeof login.run = () => {
    logins += 1
    const member = { memberId: 'ada', tier: 1 }
    const token = Secret.of(`token-${logins}-of-ada`)
    return TE.right({ outcome: 'found', output: { token, member, cache: { balance: '50' } } })
  }
  return { ...bot, calls: { ...bot.calls, login: { ...login, run } } }
}
