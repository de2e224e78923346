import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import { specOf } from '../build.ts'
import { OWN_TEXTS, placeholdersOf } from '../catalogue.ts'
import type { Text } from '../text.ts'
import { at, type Finding, type Placed, stepsOf } from './finding.ts'
import { sourceOf } from './source.ts'

/** Texts that are named but not written, in any locale, or not given what they must be given. */
export function checkTexts(spec: BotSpec<Core>): readonly Finding[] {
  const tables = Object.entries(spec.texts)
  const own = new Set(Object.keys(OWN_TEXTS).map(role => `bot.${role}`))
  const missing = (key: string): readonly string[] =>
    own.has(key) ? [] : tables.filter(([, table]) => !Object.hasOwn(table, key)).map(([at]) => at)

  // What the bot says by itself is given no parameters, so it must not want any.
  const atBot = (key: string, of: string): readonly Finding[] => [
    ...[...(tables.length === 0 && !own.has(key) ? ['any locale'] : missing(key))].map(locale =>
      ofBot(`${of} names the text "${key}", which is missing in ${locale}`)
    ),
    ...tables
      .filter(([, table]) => placeholdersOf(Object.hasOwn(table, key) ? (table[key] ?? '') : '')[0])
      .map(([locale]) => ofBot(`${of}: "${key}" in ${locale} has placeholders`))
  ]

  return [
    ...stepsOf(spec.flows).flatMap(placed => stepTexts(placed, spec, missing)),
    ...spec.flows.flatMap(({ name, retired }) =>
      retired === null ? [] : atBot(retired.key, `flow "${name}"`)
    ),
    ...Object.entries(spec.says ?? {}).flatMap(([role, key]) => atBot(key, `says.${role}`)),
    ...(spec.session === undefined ? [] : atBot(spec.session.notice, 'session.notice')),
    ...Object.entries(spec.commands ?? {}).flatMap(([name, command]) =>
      typeof command.do === 'string' ? [] : atBot(command.do.text.key, `command "${name}"`)
    ),
    ...[...own].flatMap(key => atBot(key, 'the bot')),
    ...unevenTables(spec)
  ]
}

function stepTexts(
  placed: Placed,
  spec: BotSpec<Core>,
  missing: (key: string) => readonly string[]
): readonly Finding[] {
  const { written, named } = textsIn(specOf(placed.node))
  const keys = [...new Set([...written.map(({ key }) => key), ...named])]
  return [
    ...keys.flatMap(key =>
      missing(key).map(locale => at(placed, 'text', `the text "${key}" is missing in ${locale}`))
    ),
    ...written.flatMap(({ key, params }) =>
      Object.entries(spec.texts).flatMap(([locale, table]) =>
        placeholdersOf(Object.hasOwn(table, key) ? (table[key] ?? '') : '')
          .filter(name => !Object.hasOwn(params, name))
          .map(name => at(placed, 'text', `"${key}" in ${locale} needs "${name}"`))
      )
    )
  ]
}

/** Texts that a step holds, and keys that its functions name. */
function textsIn(value: unknown): { written: readonly Text[]; named: readonly string[] } {
  if (typeof value === 'function') return { written: [], named: sourceOf(value).texts }
  if (typeof value !== 'object' || value === null) return { written: [], named: [] }
  if (isText(value)) return { written: [value], named: [] }
  const inside = Object.entries(value)
    // A call and a sub-flow are looked at where they belong.
    .filter(([name]) => name !== 'call' && name !== 'flow')
    .map(([, part]) => textsIn(part))
  return {
    written: inside.flatMap(({ written }) => written),
    named: inside.flatMap(({ named }) => named)
  }
}

function isText(value: object): value is Text {
  return 'key' in value && 'params' in value && typeof value.key === 'string'
}

/** Keys that one locale has and another lacks, and placeholders that differ between them. */
function unevenTables({ texts }: BotSpec<Core>): readonly Finding[] {
  const [first, ...others] = Object.entries(texts)
  if (first === undefined) return []
  const [locale, table] = first
  return others.flatMap(([other, translated]) => [
    ...Object.keys(translated)
      .filter(key => !Object.hasOwn(table, key))
      .map(key => ofBot(`the text "${key}" is in ${other} but missing in ${locale}`)),
    ...Object.keys(table).flatMap(key => {
      if (!Object.hasOwn(translated, key))
        return ofBot(`the text "${key}" is in ${locale} but missing in ${other}`)
      return sameNames(table[key] ?? '', translated[key] ?? '')
        ? []
        : ofBot(`the text "${key}" has other placeholders in ${other} than in ${locale}`)
    })
  ])
}

function sameNames(one: string, other: string): boolean {
  const names = (words: string): string => [...new Set(placeholdersOf(words))].sort().join()
  return names(one) === names(other)
}

function ofBot(says: string): Finding {
  return { kind: 'text', flow: null, step: null, says }
}
