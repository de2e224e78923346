import * as t from 'io-ts'
import { type BotSpec, type Core, defineBot, type Flow } from '../../lib/flow/index.ts'
import { Talk } from './talk.ts'

/** Keys that the steps of small specs may name; each says itself. */
const KEYS = ['ask', 'again', 'bad', 'done', 'label', 'list', 'menu', 'more', 'other', 'over']

/** Data of the flows in small specs. */
export const Data = t.partial({ a: t.string, b: t.string, n: t.number })

type Plain = Core<never, never>

/** A conversation with a bot of these flows; the first one is start and menu. */
export function talkOf(
  flows: readonly Flow<Plain>[],
  more: Partial<BotSpec<Plain>> = {}
): Talk<Plain> {
  return new Talk(
    defineBot<Plain>({
      name: 'one',
      flows,
      start: flows[0]?.name ?? 'none',
      texts: { en: Object.fromEntries(KEYS.map(key => [key, key])) },
      ...more
    })
  )
}
