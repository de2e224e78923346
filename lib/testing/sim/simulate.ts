import type { Program } from '../../conversation/program.ts'
import type { Log } from '../../kernel/log.ts'
import { checkEventLog } from '../check-event-log.ts'
import type { Violation } from '../event-log/verdict.ts'
import { memoryStore } from '../memory-store.ts'
import { simulatedClock } from '../simulated-clock.ts'
import { chainBot } from './chain-bot.ts'
import { chainFold } from './chain-fold.ts'
import { drawnPolicy } from './drawn-policy.ts'
import { isOver, tellEnd, type World } from './ending.ts'
import { turns } from './event-loop.ts'
import { everyStepBot } from './every-step-bot.ts'
import { simulatedForm } from './form-bot.ts'
import {
  addressOf,
  CALM_MS,
  CANARY,
  CHAIN_WORDS,
  contentOf,
  FORM_WORDS,
  type Utterance,
  utterances
} from './members.ts'
import { nextBuild } from './next-build.ts'
import { type Ground, Node } from './node.ts'
import { Operators } from './operators.ts'
import { type Screens, Service } from './outside.ts'
import { Provider } from './provider.ts'
import { troubled } from './troubled.ts'
import { scheduleTroubles } from './troubles.ts'
import { type FaultKind, Weather } from './weather.ts'
import { truthOf, WorldLog } from './world-log.ts'

export interface SimulationOptions {
  /** Kinds of faults that are left out. */
  readonly without?: readonly FaultKind[]
  /** Messages that are not sent, by their place among all that were drawn. */
  readonly drop?: ReadonlySet<number>
  /** The bot that lives; its calls are made through a world that fails. Default: one of our own. */
  readonly bot?: Program
  /** What its members say; `tap` is a tap on what is on the screen. */
  readonly words?: readonly string[]
}

/** What became of one seed. */
export interface Simulation {
  readonly seed: number
  /** The event log of all processes and of the store between them. */
  readonly lines: readonly string[]
  readonly violations: readonly Violation[]
  readonly turns: number
  readonly commits: number
  readonly conversations: number
  readonly messages: number
  /** Messages that were drawn, dropped ones included. */
  readonly drawn: number
  readonly without: readonly FaultKind[]
  readonly drop: ReadonlySet<number>
  readonly faults: ReadonlyMap<FaultKind, number>
  /** How long it lasted, in ms of its own time. */
  readonly lastedMs: number
}

/** After the faults, in ms of virtual time: by then everything must have come to its end. */
const HEAL_MS = 60_000
const START_MS = 1_700_000_000_000

/**
 * Lives one life of a small world: the production runtime in one to three processes on one store,
 * with members, a channel and a service that misbehave as the seed says; then without faults, until
 * everything has ended.
 *
 * The same seed gives the same log, byte for byte. Real time, timers and sockets are not touched.
 * A life is bounded in virtual time and in steps; what has not ended by then is a violation.
 *
 * @example
 * const { violations } = await simulate(42)
 */
export async function simulate(
  seed: number,
  { without = [], drop = new Set(), bot: given, words }: SimulationOptions = {}
): Promise<Simulation> {
  const clock = simulatedClock({ startMs: START_MS })
  const log = new WorldLog(clock)
  const weather = new Weather(seed, {
    without,
    told: kind => log.tell('fault.begin', { outcome: kind })
  })
  const logged: string[] = []
  const isChain = given === undefined && weather.between('bot', 0, 2) > 0
  const bot = given ?? (isChain ? chainBot() : formOf(seed))
  const world = worldOf({ clock, log, weather, bot, logged })
  const { said: messages, drawn } = utterances(
    weather,
    words ?? (isChain ? CHAIN_WORDS : FORM_WORDS),
    drop
  )
  scheduleTroubles(world)
  world.operators.schedule()
  for (const message of messages) scheduleMessage(world, message)
  await played(world, Math.max(0, ...messages.map(({ atMs }) => atMs)))
  const lastedMs = clock.nowMs() - START_MS
  await putAway(world)
  const verdict = checkEventLog(log.lines, {
    idsAreGlobal: true,
    canaries: [CANARY],
    policy: world.ground.policy,
    ...(isChain ? { fold: chainFold } : {})
  })
  return {
    seed,
    lines: log.lines,
    violations: [...verdict.violations, ...leaks(logged)],
    turns: log.lines.filter(line => line.includes('"kind":"handler.end"')).length,
    commits: verdict.commits,
    conversations: verdict.conversations,
    messages: messages.length,
    drawn,
    without,
    drop,
    faults: weather.counts,
    lastedMs
  }
}

// Not drawn: what is drawn after it stays as it was in every other life.
function formOf(seed: number): Program {
  return seed % 5 === 1 ? everyStepBot : simulatedForm
}

function worldOf({
  clock,
  log,
  weather,
  bot,
  logged
}: Pick<Ground, 'clock' | 'log' | 'weather' | 'bot'> & { readonly logged: string[] }): World {
  const model = memoryStore({ clock })
  const truth = truthOf(model, log)
  const nextBot = weather.has('deploy') ? nextBuild(bot) : null
  const ground: Ground = {
    clock,
    weather,
    log,
    store: truth.store,
    service: new Service(weather),
    screens: new Map(),
    bot: troubled(bot, weather),
    nextBot: nextBot === null ? null : troubled(nextBot, weather),
    limits: limitsOf(weather),
    policy: drawnPolicy(weather, bot),
    outage: { untilMs: 0 },
    byReceipt: new Set(),
    logger: collecting(logged)
  }
  const count = weather.pick('nodes', [1, 2, 2, 3])
  const nodes = Array.from({ length: count }, (_, index) => new Node(`p${index}`, ground))
  const operators = new Operators(ground, nodes)
  return { ground, nodes, truth, model, operators, provider: new Provider(ground, nodes) }
}

function limitsOf(weather: Weather): Ground['limits'] {
  const isTight = weather.has('passivation') && !weather.has('rollback')
  if (isTight) weather.strike('passivation')
  return {
    leaseMs: weather.pick('limits', [3_000, 10_000]),
    inboxRowsPerCommit: weather.pick('limits', [1, 3, 8]),
    ...(isTight ? { liveConversations: 2 } : {})
  }
}

function collecting(said: string[]): Log {
  const write = (fields: object, message = ''): void => {
    said.push(`${JSON.stringify(fields)} ${message}`)
  }
  return { debug: write, info: write, warn: write, error: write }
}

function leaks(said: readonly string[]): Violation[] {
  const leak = said.find(line => line.includes(CANARY))
  if (leak === undefined) return []
  return [{ invariant: 'I13', conversation: null, line: null, detail: `logged: ${leak}` }]
}

function scheduleMessage({ ground, provider }: World, message: Utterance): void {
  const { clock, screens, weather } = ground
  clock.after(message.atMs, () => {
    const address = addressOf(weather, message.user)
    provider.send(address, message.id, contentOf(message, screens as Screens, weather))
  })
}

const STEPS_MOST = 60_000

/** Faults until the talk is over, then calm; ends early when everything has come to its end. */
async function played(world: World, talkMs: number): Promise<void> {
  const { ground, nodes, provider, operators } = world
  const { clock, weather, log } = ground
  let isHealed = false
  const calmAtMs = clock.nowMs() + CALM_MS
  const endAtMs = calmAtMs + HEAL_MS
  const saidAtMs = clock.nowMs() + talkMs
  for (let steps = 0; steps < STEPS_MOST; steps += 1) {
    await settled(log)
    const nowMs = clock.nowMs()
    if (nowMs >= calmAtMs) weather.isCalm = true
    // What stands still, or is born again, is a fault until it is back.
    if (!isHealed && weather.isCalm && nodes.every(({ isUp }) => isUp)) {
      isHealed = true
      log.tell('fault.end')
    }
    const next = clock.nextDueMs()
    if (nowMs >= endAtMs || next === null) break
    const isQuiet = provider.waiting + operators.waiting === 0
    const isSaid = isHealed && nowMs > saidAtMs && isQuiet
    if (isSaid && (await isOver(world))) break
    clock.advanceTo(next)
  }
  await tellEnd(world)
}

/** Lets everything go on that needs no time to pass. */
async function settled(log: WorldLog): Promise<void> {
  let seen = -1
  for (let idle = 0; idle < 3; idle += 1) {
    if (log.lines.length !== seen) idle = 0
    seen = log.lines.length
    await turns(1)
    // Every promise that could settle has; what else would go on by itself is no longer there.
    if (!process.getActiveResourcesInfo().includes('Immediate')) return
  }
}

/** Ends every runtime, so that nothing of this life is left in the process. */
async function putAway({ ground, nodes }: World): Promise<void> {
  for (const { runtimes } of nodes) {
    for (const runtime of runtimes) void runtime.stop({ graceMs: 0 })
  }
  await settled(ground.log)
  for (const { life } of nodes) life.kill()
}
