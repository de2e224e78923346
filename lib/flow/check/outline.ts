import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import { specOf } from '../build.ts'
import { fieldsOf } from '../interpreter/frame.ts'
import { stepsOf } from './finding.ts'
import { componentOf } from './leads.ts'

/** What stored conversations know of a bot, as plain JSON: kept to check the next build against. */
export interface BotOutline {
  readonly name: string
  readonly schema: number
  readonly flows: Readonly<Record<string, FlowOutline>>
}

/** What frames of one flow may name. */
export interface FlowOutline {
  readonly version: number
  /** Ids of the options each step offers, by step; null where they follow from data. */
  readonly steps: Readonly<Record<string, readonly string[] | null>>
  /** Null when the data codec does not tell its fields. */
  readonly fields: readonly string[] | null
}

/**
 * The outline of a bot: write it to a file with each release, and hand it to `checkBot` as
 * `previous` before the next one.
 *
 * @example
 * const outline = JSON.stringify(outlineOf(bot.spec))
 */
export function outlineOf<C extends Core>(spec: BotSpec<C>): BotOutline {
  const { name, schema = 1, flows } = spec as unknown as BotSpec<Core>
  return {
    name,
    schema,
    flows: Object.fromEntries(
      flows.map(flow => {
        const known = fieldsOf(flow.data)
        const steps = stepsOf([flow]).map(placed => {
          const offers = componentOf(placed)?.offers?.(specOf(placed.node))
          return [placed.step, offers ?? null] as const
        })
        const outline: FlowOutline = {
          version: flow.version,
          steps: Object.fromEntries(steps),
          fields: known === null ? null : [...known].sort()
        }
        return [flow.name, outline]
      })
    )
  }
}
