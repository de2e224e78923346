import type { Begin, Goto, Patched } from '../action.ts'
import { type Component, PLAIN } from '../component.ts'

/**
 * Goes to a step of the same flow, with fields to write where the caller may write; or leaves for
 * another flow, with the data it begins with.
 *
 * A move to return, and a control step by itself.
 */
export function goto(
  flow: { readonly flow: string },
  data?: Readonly<Record<string, unknown>>
): Begin
export function goto<const S extends string>(step: S): Goto<S>
export function goto<const S extends string, P extends object>(
  step: S,
  patch: NoInfer<P>
): Patched<S, P>
export function goto(
  to: string | { readonly flow: string },
  written?: object
): Begin | Goto | Patched {
  if (typeof to !== 'string')
    return Object.freeze({ kind: 'goto', flow: to.flow, data: (written ?? {}) as Begin['data'] })
  return Object.freeze(
    written === undefined ? { kind: 'goto', step: to } : { kind: 'goto', step: to, patch: written }
  )
}

export const gotoComponent: Component<Begin | Goto> = {
  may: new Set(PLAIN),
  needs: [],
  enter: move => ({ tag: 'goes', actions: move }),
  ways: move => [{ on: 'goto', moves: move }]
}
