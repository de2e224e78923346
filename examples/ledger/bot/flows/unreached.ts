import { type Text, text } from '../../../../lib/flow/index.ts'

/** What to say when a change was not answered: honest about what may have happened. */
export function unreached(known: 'not-done' | 'unknown'): Text {
  return text(known === 'unknown' ? 'err.core.maybe' : 'err.core')
}
