import type { FailureCode, FailureTag } from '../kernel/failure.ts'
import type { Backoff } from '../kernel/random.ts'

/** What may be done about a failure; `docs/operating.md` says what each does. */
export const DIRECTIVES = ['retry', 'restart', 'reset', 'park', 'hold', 'escalate'] as const
export type DirectiveName = (typeof DIRECTIVES)[number]

/** One rung of the ladder; `escalate` is none, because the last rung applies meanwhile. */
export type Rung = Exclude<DirectiveName, 'escalate'>

/** A flow of the bot and one of its steps. */
export interface Place {
  readonly flow: string
  readonly step: string
}

/** Runs of one event, the first being 1; without `to` there is no last one. */
export interface Attempts {
  readonly from: number
  readonly to?: number
}

/** What a rule asks for; a field that is absent asks for nothing. */
export interface When {
  readonly failure?: FailureTag
  readonly code?: FailureCode
  readonly stage?: string
  readonly flow?: string
  readonly step?: string
  readonly attempt?: number | Attempts
}

/** What is to be done about failures of a kind; the first rule that matches is obeyed. */
export interface Rule {
  readonly when?: When
  readonly do: DirectiveName
  /** For `retry` and `restart`: how often; then the ladder goes on behind them. */
  readonly restarts?: number
  readonly backoff?: Backoff
  /** For `reset`: where to, instead of the menu. */
  readonly to?: Place
  /** Why the rule is there, for whoever reads a log line or an explanation. */
  readonly because?: string
}

/** One text by locale: `en`, `pt-BR`; a locale without a text of its own is given the first. */
export type TextByLocale = Readonly<Record<string, string>>

/**
 * What supervisors do about failures.
 *
 * Where no rule matches the ladder is climbed: `restarts` repeats of one event for each `retry` and
 * `restart` on it, then the rungs behind them. Any commit leads back to the first rung.
 */
export interface Policy {
  readonly rules: readonly Rule[]
  readonly restarts: number
  readonly backoff: Backoff
  readonly ladder: readonly Rung[]
  /** At the `max`-th reset of one conversation within `withinMs` the next rung applies instead. */
  readonly intensity: { readonly max: number; readonly withinMs: number }
  /** What a member is told, once; of `reset` and `hold` the bot's own words if absent. */
  readonly texts: { readonly [K in 'reset' | 'park' | 'hold']?: TextByLocale }
  readonly alarm: AlarmSettings
}

/** How a person is told. */
export interface AlarmSettings {
  /** A POST of JSON goes there; null: only the log and `runtime.on('alarm')` tell. */
  readonly url: string | null
  /** How long occurrences of a cause are gathered before it is told. */
  readonly gatherMs: number
  /** How long a cause that was told is only counted. */
  readonly repeatMs: number
}

/** Three restarts of one event with back-off, then the menu; hold at the third reset (design 5). */
export const defaultPolicy: Policy = {
  rules: [],
  restarts: 3,
  backoff: { initialMs: 50, maxMs: 1_000, factor: 2 },
  ladder: ['restart', 'reset', 'hold'],
  intensity: { max: 3, withinMs: 600_000 },
  texts: { park: { en: 'Sorry, that could not be done. A person will look at it.' } },
  alarm: { url: null, gatherMs: 5_000, repeatMs: 3_600_000 }
}

/** Who holds a conversation when no operator does. */
export const POLICY = 'policy'

/** True for what runs the same event again. */
export function isRepeating(directive: DirectiveName): directive is 'retry' | 'restart' {
  return directive === 'retry' || directive === 'restart'
}

/** The policy's text of this kind in a locale, its language, or else the first; null for none. */
export function textFor(
  { texts }: Pick<Policy, 'texts'>,
  kind: keyof Policy['texts'],
  locale: string
): string | null {
  const byLocale = texts[kind]
  if (byLocale === undefined) return null
  const named = (name: string): string | undefined =>
    Object.hasOwn(byLocale, name) ? byLocale[name] : undefined
  return named(locale) ?? named(locale.split('-')[0] ?? '') ?? Object.values(byLocale)[0] ?? null
}
