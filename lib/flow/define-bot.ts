import type * as t from 'io-ts'
import type { Address } from '../conversation/address.ts'
import type { At } from '../conversation/decision.ts'
import type { Program, Relogin } from '../conversation/program.ts'
import { type ConversationRecord, type Core, recordOf } from '../conversation/record.ts'
import type { BotSpec } from './bot-spec.ts'
import { type Build, buildOf } from './build.ts'
import { ownText, wordsIn } from './catalogue.ts'
import { refuseBad } from './check/refuse-bad.ts'
import { frozen } from './frozen.ts'
import { brokenInvariant } from './interpreter/broken-invariant.ts'
import { decide } from './interpreter/decide.ts'
import { invalidFrame } from './interpreter/deploy.ts'
import { bareFrame, flowOf } from './interpreter/frame.ts'
import { reset, unresettable } from './interpreter/reset.ts'
import { restore } from './interpreter/restore.ts'

/** A checked bot: what the runtime runs, and what it was made of. */
export interface Bot<C extends Core = Core> extends Program<C> {
  readonly spec: BotSpec<C>
}

/**
 * Puts flows together to a bot and checks it whole.
 *
 * Throws `CHP_BOT_INVALID`, naming every finding with its flow and step; its `cause` lists them.
 *
 * @example
 * const bot = defineBot({ name: 'order', flows: [order], start: 'order', texts: { en: words } })
 */
export function defineBot<C extends Core = Core<never, never>>(spec: BotSpec<C>): Bot<C> {
  refuseBad(spec)
  // Inside, the core is what its codec says; its type matters only to those who write steps.
  const plain = spec as unknown as BotSpec<Core>
  const build = buildOf(plain)
  const program: Program = {
    name: build.name,
    schema: build.schema,
    migrations: build.migrations,
    record: recordOf(build.core) as t.Type<ConversationRecord, unknown>,
    initial: (address, at) => initial(build, address, at),
    decide: (state, event, at) => decide(build, state, event, at),
    reset: (state, event, at, way) => reset(build, state, event, at, way),
    unresettable: to => unresettable(build, to),
    restore: (state, frame, event, at) => restore(build, state, frame, event, at),
    held: ({ core }) => ({
      kind: 'text',
      text: wordsIn(build.catalogue, core.locale, ownText('held'))
    }),
    place: ({ flow: { flow, step } }) => ({
      stage: build.flows.get(flow)?.stage ?? 'UNKNOWN',
      flow,
      step
    }),
    invalid: state => invalidFrame(build, state.flow) ?? brokenInvariant(build, state),
    calls: build.calls,
    relogin: (plain.relogin ?? null) as Relogin | null,
    ...tracking(build)
  }
  const bot = Object.freeze({ ...program, spec, [MADE]: true }) as unknown as Bot<C>
  checked.add(bot)
  return bot
}

// A symbol, as it goes along when somebody spreads a bot to change a part of it. The same one in
// every copy of the package: the command line may load another than the bot was made with.
const MADE = Symbol.for('chaperone.bot')

const checked = new WeakSet<object>()

/** True for what `defineBot` made, of whichever copy of the package, and for copies of it. */
export function isBot(program: Program): program is Bot {
  return MADE in program
}

/** True for the very bot that `defineBot` of this copy of the package checked. */
export function isChecked(program: Program): boolean {
  return checked.has(program)
}

// A bot that asks nothing of what became of its messages is told nothing of it.
function tracking({ flows }: Build): Pick<Program, 'tracks'> {
  if (![...flows.values()].some(({ undelivered }) => undelivered !== null)) return {}
  return {
    tracks: ({ flow: { flow, prompt } }) => {
      const target = flows.get(flow)?.undelivered ?? null
      return target === null ? null : (prompt?.instance ?? null)
    }
  }
}

function initial(
  build: Build,
  { channel, account, user }: Address,
  { nowMs }: At
): ConversationRecord {
  return frozen({
    schema: build.schema,
    core: {
      channel: { channel, account, user },
      locale: build.catalogue.locale,
      member: null,
      account: null,
      token: null,
      cache: null
    },
    flow: bareFrame(flowOf(build, build.start)),
    calls: [],
    timers: [],
    session: { startedAt: nowMs, lastMessageAt: nowMs, deadline: null, notice: null },
    meta: { initializedAt: nowMs, updatedAt: nowMs, updatedBy: { kind: 'initial', id: '' } }
  })
}
