import { FAILURES } from '../../kernel/failure.ts'
import type { COUNTERS } from './catalogue.ts'

type Labels = readonly [string?, string?]

/**
 * Series of counters that are there from the start. What happens seldom is alerted on when it
 * happens once, and a server sees no rise in a series that begins with 1.
 */
export const ZEROS: { readonly [K in keyof typeof COUNTERS]?: readonly Labels[] } = {
  failures: Object.entries(FAILURES).map(([code, { tag }]) => [tag, code]),
  restarts: [['retry'], ['restart']],
  parked: [['reset'], ['park']],
  held: [['policy'], ['operator'], ['handover']],
  recoveries: [['2'], ['3'], ['4']],
  setAside: [['reply'], ['inbox'], ['call']],
  alarms: Object.keys(FAILURES).map(code => [code]),
  alarmPosts: [['taken'], ['untaken']]
}

/** The same for every channel. */
export const OFFERS = ['sent', 'later', 'refused', 'dropped'] as const
