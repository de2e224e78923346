import type { Plain, Say } from '../action.ts'
import { type Component, PLAIN, type Words, wordsOf } from '../component.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'

export interface SaySpec<C, D, S extends string> {
  readonly text: Text | ((view: View<C, D>) => Text)
  readonly next: Plain<S>
}

/** Says a text and goes on; as a step it only reads, as a move it stands before another one. */
export function say(text: Text, options?: { readonly note: 'greeting' }): Say
export function say<C, D, S extends string = never>(
  spec: SaySpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S>
export function say(
  said: Text | SaySpec<never, never, string>,
  options?: { readonly note: 'greeting' }
): Say | Step<never, never, string> {
  if ('next' in said) return Object.freeze({ kind: 'say', spec: said })
  return Object.freeze({ kind: 'say', text: said, note: options?.note ?? null })
}

export const sayComponent: Component<{ readonly text: Words; readonly next: Plain<string> }> = {
  may: new Set(PLAIN),
  needs: ['text', 'next'],
  enter: (spec, view) => ({
    tag: 'goes',
    actions: [{ kind: 'say', text: wordsOf(spec.text, view), note: null }, spec.next]
  }),
  ways: spec => [{ on: 'next', moves: spec.next }]
}
