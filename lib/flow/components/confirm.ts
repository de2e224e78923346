import type { PlainMoves } from '../action.ts'
import { CANCEL, CONFIRM } from '../catalogue.ts'
import {
  type Actions,
  type Component,
  PLAIN,
  type Said,
  type Words,
  wordsOf
} from '../component.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'
import { wordOf } from '../word.ts'
import type { Attempts } from './ask.ts'

export interface ConfirmSpec<C, D, S extends string> {
  readonly prompt: Text | ((view: View<C, D>) => Text)
  readonly confirmed: PlainMoves<S>
  readonly cancelled: PlainMoves<S>
  /** Said when the input is neither yes nor no. */
  readonly invalid: Text
  /** Labels of the two buttons; default the bot's own. */
  readonly labels?: { readonly confirm: Text; readonly cancel: Text }
  /** Typed words beside yes, y, true, 1 and no, n, false, 0; any case. */
  readonly words?: { readonly confirm: readonly string[]; readonly cancel: readonly string[] }
  readonly attempts?: Attempts<S>
}

/**
 * Shows what will happen and takes yes or no; yes is a signature bound to this prompt.
 *
 * A `call` with `signedBy` can only be reached from the yes of the confirm it names.
 */
export function confirm<C, D, S extends string = never>(
  spec: ConfirmSpec<NoInfer<C>, NoInfer<D>, S>
): Step<C, D, S> {
  return Object.freeze({ kind: 'confirm', spec })
}

interface AnyConfirm {
  readonly prompt: Words
  readonly confirmed: Actions
  readonly cancelled: Actions
  readonly invalid: Text
  readonly labels?: { readonly confirm: Text; readonly cancel: Text }
  readonly words?: { readonly confirm: readonly string[]; readonly cancel: readonly string[] }
  readonly attempts?: { readonly most: number; readonly next: Actions }
}

const yes: readonly string[] = ['yes', 'y', 'true', '1']
const no: readonly string[] = ['no', 'n', 'false', '0']

export const confirmComponent: Component<AnyConfirm> = {
  may: new Set(PLAIN),
  needs: ['prompt', 'confirmed', 'cancelled', 'invalid'],
  enter: (spec, view) => ({
    tag: 'waits',
    shown: {
      text: wordsOf(spec.prompt, view),
      options: [
        { id: 'confirm', label: spec.labels?.confirm ?? CONFIRM },
        { id: 'cancel', label: spec.labels?.cancel ?? CANCEL }
      ],
      as: 'buttons'
    }
  }),
  receive: (spec, said) => {
    const option = said.kind === 'option' ? said.option : typedAnswer(spec, said)
    if (option === undefined) {
      const unreadable = said.kind !== 'text' && said.kind !== 'notOffered'
      return { tag: 'refused', text: spec.invalid, unreadable }
    }
    const moves = option === 'confirm' ? spec.confirmed : spec.cancelled
    return { tag: 'accepted', patch: null, signed: option, next: () => moves }
  },
  limit: spec => spec.attempts,
  words: ({ words }) => [...yes, ...no, ...(words?.confirm ?? []), ...(words?.cancel ?? [])],
  offers: () => ['confirm', 'cancel'],
  ways: ({ confirmed, cancelled, attempts }) => [
    { on: 'confirmed', moves: confirmed },
    { on: 'cancelled', moves: cancelled },
    ...(attempts === undefined ? [] : [{ on: 'attempts', moves: attempts.next }])
  ]
}

function typedAnswer({ words }: AnyConfirm, said: Said): 'confirm' | 'cancel' | undefined {
  if (said.kind !== 'text') return undefined
  const typed = wordOf(said.text)
  const among = (known: readonly string[], more: readonly string[] = []): boolean =>
    known.includes(typed) || more.some(word => wordOf(word) === typed)
  if (among(yes, words?.confirm)) return 'confirm'
  return among(no, words?.cancel) ? 'cancel' : undefined
}
