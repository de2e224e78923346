import type { End } from '../action.ts'
import { type Component, PLAIN } from '../component.ts'
import type { Text } from '../text.ts'

/**
 * Ends the flow: a sub-flow gives `value` to the flow that entered it, any other goes to the menu.
 *
 * A move to return, and a control step by itself.
 */
export function end(text: Text | null = null, value: unknown = null): End {
  return Object.freeze({ kind: 'end', text, value })
}

export const endComponent: Component<End> = {
  may: new Set(PLAIN),
  needs: [],
  enter: move => ({ tag: 'goes', actions: move }),
  ways: move => [{ on: 'end', moves: move }]
}
