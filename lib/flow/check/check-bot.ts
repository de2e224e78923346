import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import { callOf, specOf, stageRule } from '../build.ts'
import type { Flow } from '../define-flow.ts'
import { checkDeploy } from './check-deploy.ts'
import { checkFields } from './check-fields.ts'
import { checkMigrations } from './check-migrations.ts'
import { checkEnds, checkLoops, checkReach, checkSignatures } from './check-paths.ts'
import { checkStep, illegalMove } from './check-steps.ts'
import { checkTexts } from './check-texts.ts'
import { checkWords } from './check-words.ts'
import { at, type Finding, type FindingKind, type Placed, stepsOf } from './finding.ts'
import type { BotOutline } from './outline.ts'

/**
 * Everything that is wrong with a bot, each with its flow and step; empty for a bot that may run.
 *
 * The compiler says most of it first; this is for what types cannot see, and for JavaScript.
 * With the `outlineOf` the build before, it also names what conversations that are under way
 * would miss in this one.
 */
export function checkBot<C extends Core>(
  spec: BotSpec<C>,
  previous?: BotOutline
): readonly Finding[] {
  const bot = spec as unknown as BotSpec<Core>
  const flows = new Map(bot.flows.map(flow => [flow.name, flow]))
  const menu = bot.menu ?? bot.start
  const hub = flows.get(menu)?.stage ?? 'MENU'
  const mayMove = stageRule(bot, hub)
  const broken = [...checkFlows(bot, flows, mayMove), ...checkStages(bot), ...checkMigrations(bot)]
  const steps = stepsOf(bot.flows).flatMap(placed => {
    try {
      return checkStep(placed, flows, mayMove)
    } catch (error) {
      // A spec of quite another shape, which only a JavaScript caller can write.
      return at(placed, 'step', `it is not understood: ${String(error)}`)
    }
  })
  // Paths are looked at only where every step is understood: one finding, not its echoes.
  const understood = [...broken, ...steps].every(({ kind }) => kind !== 'step' && kind !== 'flow')
  const named = namedFlows(bot).flatMap(([, name]) => name ?? [])
  const paths = understood
    ? [
        ...bot.flows.flatMap(checkReach),
        ...checkLoops(flows, menu),
        ...checkEnds(flows, named, flows.get(menu), mayMove),
        ...bot.flows.flatMap(checkSignatures),
        ...checkFields(bot.flows, named, (bot.migrations ?? []).length > 0),
        ...checkCalls(bot),
        ...checkWords(bot),
        ...checkTexts(bot)
      ]
    : []
  const deploy = understood && previous !== undefined ? checkDeploy(bot, previous) : []
  return [...broken, ...steps, ...paths, ...deploy]
}

function checkFlows(
  bot: BotSpec<Core>,
  flows: ReadonlyMap<string, Flow>,
  mayMove: (from: string, to: string) => boolean
): readonly Finding[] {
  const named = namedFlows(bot)
  const twice = bot.flows.filter(flow => flows.get(flow.name) !== flow)
  const entered = stepsOf(bot.flows).flatMap(placed => {
    const sub = subFlowOf(placed)
    if (sub === undefined) return []
    if (flows.get(sub.name) !== sub)
      return at(placed, 'flow', `it enters the flow "${sub.name}", which is missing`)
    return mayMove(placed.flow.stage, sub.stage)
      ? []
      : at(placed, 'stage', illegalMove(placed.flow, sub))
  })
  return [
    ...entered,
    ...twice.map(({ name }) => ofBot('flow', `two flows are named "${name}"`)),
    ...named
      .filter(([, name]) => name !== undefined && !flows.has(name))
      .map(([what, name]) => ofBot('flow', `${what} names the flow "${name}", which is missing`)),
    ...bot.flows.flatMap(checkFlow)
  ]
}

/** What begins a flow other than a step, and the flow it names. */
function namedFlows(bot: BotSpec<Core>): readonly (readonly [string, string | undefined])[] {
  return [
    ['start', bot.start],
    ['menu', bot.menu],
    ['registration', bot.registration],
    ...Object.entries(bot.commands ?? {}).map(
      ([name, command]) =>
        [`command "${name}"`, typeof command.do === 'string' ? command.do : undefined] as const
    )
  ]
}

function subFlowOf({ node }: Placed): Flow | undefined {
  if (node.kind !== 'enter') return undefined
  return (specOf(node) as { readonly flow?: Flow } | undefined)?.flow
}

function checkFlow({ name, start, steps, data, version, ...flow }: Flow): readonly Finding[] {
  const finding = (says: string): Finding => ({ kind: 'flow', flow: name, step: null, says })
  return [
    ...(Object.hasOwn(steps, start) ? [] : [finding(`it starts at "${start}", which is missing`)]),
    ...(flow.undelivered === null || Object.hasOwn(steps, flow.undelivered)
      ? []
      : [finding(`its step "${flow.undelivered}" for what never arrives is missing`)]),
    ...flow.quiet
      .filter(step => !Object.hasOwn(steps, step))
      .map(step => finding(`its quiet step "${step}" is missing`)),
    ...(name.startsWith('bot.') ? [finding('names that begin with "bot." are not free')] : []),
    ...(data.is({})
      ? []
      : [finding('its data codec refuses to begin with nothing: use t.partial')]),
    ...(Number.isSafeInteger(version) && version > 0
      ? []
      : [finding('its version is not a whole number above 0')])
  ]
}

function checkCalls(bot: BotSpec<Core>): readonly Finding[] {
  const first = new Map<string, unknown>()
  const twice = stepsOf(bot.flows).flatMap(placed => {
    const call = callOf(placed.node)
    if (call === undefined) return []
    const other = first.get(call.name) ?? call
    first.set(call.name, other)
    return other === call ? [] : [at(placed, 'call', `two calls are named "${call.name}"`)]
  })
  const relogin = bot.relogin?.call
  return relogin === undefined || first.has(relogin)
    ? twice
    : [...twice, ofBot('call', `relogin names the call "${relogin}", which no step makes`)]
}

function checkStages(bot: BotSpec<Core>): readonly Finding[] {
  const idle = bot.session?.idleSeconds ?? 300
  const before = bot.session?.warning?.beforeSeconds ?? idle / 2
  const known = new Set(Object.entries(bot.stages ?? {}).flatMap(([from, to]) => [from, ...to]))
  const strange = bot.stages === undefined ? [] : bot.flows.filter(({ stage }) => !known.has(stage))
  return [
    ...strange.map(({ name, stage }): Finding => {
      return { kind: 'stage', flow: name, step: null, says: `stage ${stage} is not in the graph` }
    }),
    ...(Number.isFinite(idle) && idle > 0
      ? []
      : [ofBot('session', 'session.idleSeconds is not a number above 0')]),
    ...(before > 0 && before < idle
      ? []
      : [ofBot('session', 'session.warning.beforeSeconds is not between 0 and idleSeconds')])
  ]
}

function ofBot(kind: FindingKind, says: string): Finding {
  return { kind, flow: null, step: null, says }
}
