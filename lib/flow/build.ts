import * as t from 'io-ts'
import type { Migration } from '../conversation/migration.ts'
import { type Core, coreOf } from '../conversation/record.ts'
import type { BotSpec, Command, Invariant } from './bot-spec.ts'
import { type Catalogue, catalogueOf } from './catalogue.ts'
import type { AnyCall } from './component.ts'
import type { Flow } from './define-flow.ts'
import { resumeOffer } from './resume-offer.ts'
import type { StepNode } from './step.ts'
import { wordOf } from './word.ts'

/** A bot made ready to be interpreted: everything looked up once. */
export interface Build {
  readonly name: string
  readonly schema: number
  readonly migrations: readonly Migration[]
  readonly core: t.Type<Core, unknown>
  readonly flows: ReadonlyMap<string, Flow>
  readonly start: string
  readonly menu: string
  readonly registration: string
  /** True when the menu is for members only: the bot says where others register. */
  readonly knowsMembers: boolean
  readonly commands: ReadonlyMap<string, Command & { readonly name: string }>
  readonly catalogue: Catalogue
  readonly calls: Readonly<Record<string, AnyCall>>
  readonly stages: (from: string, to: string) => boolean
  readonly session: {
    readonly idleMs: number
    readonly notice: string
    readonly warning: { readonly beforeMs: number; readonly text: string } | null
  }
  readonly on: BotSpec<Core>['on']
  readonly invariants: readonly Invariant[]
}

/** The core of a bot that knows neither members nor an outside service. */
const plainCore = coreOf({ member: t.null, cache: t.null }) as unknown as t.Type<Core, unknown>

/** Looks everything up once; asks nothing about whether it is right, see `check`. */
export function buildOf(spec: BotSpec<Core>): Build {
  const flows = new Map(spec.flows.map(flow => [flow.name, flow]))
  const menu = spec.menu ?? spec.start
  const hub = flows.get(menu)?.stage ?? 'MENU'
  const offer = resumeOffer(spec.flows, menu, hub)
  if (offer !== null) flows.set(offer.name, offer)
  return {
    name: spec.name,
    schema: spec.schema ?? 1,
    migrations: spec.migrations ?? [],
    core: spec.core ?? plainCore,
    flows,
    start: spec.start,
    menu,
    registration: spec.registration ?? spec.start,
    knowsMembers: spec.registration !== undefined,
    commands: commandsOf(spec),
    catalogue: catalogueOf(spec.texts, spec.says ?? {}),
    calls: callsOf(spec),
    stages: stageRule(spec, hub),
    session: {
      idleMs: (spec.session?.idleSeconds ?? 300) * 1000,
      notice: spec.session?.notice ?? 'bot.expired',
      warning: warningOf(spec)
    },
    on: spec.on,
    invariants: spec.invariants ?? []
  }
}

function warningOf({ session }: BotSpec<Core>): Build['session']['warning'] {
  if (session?.warning === undefined) return null
  const { beforeSeconds, text } = session.warning
  return { beforeMs: beforeSeconds * 1000, text }
}

/** Whether flows may move from one stage to another, by the declared graph or the default one. */
export function stageRule(
  { stages }: Pick<BotSpec<Core>, 'stages'>,
  hub: string
): (from: string, to: string) => boolean {
  if (stages === undefined) return (from, to) => from === to || from === hub || to === hub
  const graph = new Map(Object.entries(stages))
  return (from, to) => from === to || graph.get(from)?.includes(to) === true
}

/** What a `call` step names, if this is one. */
export function callOf(node: StepNode): AnyCall | undefined {
  if (node.kind !== 'call') return undefined
  return (node as unknown as { readonly spec: { readonly call: AnyCall } }).spec.call
}

/** The confirm from whose yes alone this step can be entered; undefined for any other step. */
export function signerOf(node: StepNode): string | undefined {
  if (node.kind !== 'call') return undefined
  return (node as unknown as { readonly spec: { readonly signedBy?: string } }).spec.signedBy
}

/** What a component is given of a step: its spec, or the step itself when it is a bare move. */
export function specOf(node: StepNode): unknown {
  return 'spec' in node ? node.spec : node
}

function callsOf({ flows }: BotSpec<Core>): Readonly<Record<string, AnyCall>> {
  const calls = flows.flatMap(flow => Object.values(flow.steps)).flatMap(node => callOf(node) ?? [])
  return Object.fromEntries(calls.map(call => [call.name, call]))
}

function commandsOf({
  commands
}: BotSpec<Core>): ReadonlyMap<string, Command & { readonly name: string }> {
  return new Map(
    Object.entries(commands ?? {}).flatMap(([name, command]) =>
      command.words.map(word => [wordOf(word), { ...command, name }] as const)
    )
  )
}
