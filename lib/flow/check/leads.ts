import type { Action } from '../action.ts'
import { specOf } from '../build.ts'
import type { Component, Way } from '../component.ts'
import { components } from '../components/index.ts'
import type { Placed } from './finding.ts'
import { sourceOf } from './source.ts'

/** Where one way out of a step leads, as far as it can be seen. */
export interface Lead {
  readonly on: string
  /** The moves themselves when they are written out. */
  readonly actions: readonly Action[] | null
  readonly steps: readonly string[]
  readonly flows: readonly string[]
  readonly ends: boolean
  readonly opaque: boolean
}

/** The component of a step, or undefined for a kind that does not exist. */
export function componentOf({ node }: Placed): Component | undefined {
  return Object.hasOwn(components, node.kind) ? components[node.kind] : undefined
}

/** Every way out of a step that has one; a way with nothing behind it is left to `missingWays`. */
export function leadsOf(placed: Placed): readonly Lead[] {
  return waysOf(placed).flatMap(way => leadOf(way) ?? [])
}

/** The names of the ways that lead nowhere at all. */
export function missingWays(placed: Placed): readonly string[] {
  return waysOf(placed)
    .filter(way => leadOf(way) === null)
    .map(({ on }) => on)
}

function waysOf(placed: Placed): readonly Way[] {
  return componentOf(placed)?.ways(specOf(placed.node)) ?? []
}

function leadOf({ on, moves }: Way): Lead | null {
  if (typeof moves === 'function') return { on, actions: null, ...sourceOf(moves) }
  const actions = actionsOf(moves)
  if (actions === null) return null
  return {
    on,
    actions,
    steps: actions.flatMap(action => ('step' in action && action.step) || []),
    flows: actions.flatMap(action => ('flow' in action && action.flow) || []),
    ends: actions.some(({ kind }) => kind === 'end'),
    opaque: false
  }
}

function actionsOf(moves: unknown): readonly Action[] | null {
  const list: readonly unknown[] = Array.isArray(moves) ? moves : [moves]
  const actions = list.filter(
    (move): move is Action => typeof move === 'object' && move !== null && 'kind' in move
  )
  return actions.length === list.length && actions.some(isMove) ? actions : null
}

const ASIDE: readonly Action['kind'][] = ['say', 'core', 'remind', 'forget']

function isMove({ kind }: Action): boolean {
  return !ASIDE.includes(kind)
}
