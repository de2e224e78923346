import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import { callOf, specOf } from '../build.ts'
import { OWN_TEXTS, placeholdersOf, type TextTable } from '../catalogue.ts'
import { type Text, text } from '../text.ts'
import { at, type Finding, type Placed, stepsOf } from './finding.ts'
import { sourceOf } from './source.ts'

/** Texts that are named but not written, in any locale, or not given what they must be given. */
export function checkTexts(spec: BotSpec<Core>): readonly Finding[] {
  const missing = missingIn(spec)
  const named = (said: Text, of: string): readonly Finding[] => [
    ...missing(said.key).map(locale =>
      ofBot(`${of} names the text "${said.key}", which is missing in ${locale}`)
    ),
    ...unfilled(said, spec).map(says => ofBot(`${of}: ${says}`))
  ]
  const calls = new Set(stepsOf(spec.flows).flatMap(({ node }) => callOf(node) ?? []))
  return [
    ...stepsOf(spec.flows).flatMap(placed => stepTexts(placed, spec, missing)),
    ...spec.flows.flatMap(({ name, retired }) =>
      retired === null ? [] : named(retired, `flow "${name}"`)
    ),
    ...spec.flows.flatMap(({ name, resume }) =>
      Object.values(resume ?? {}).flatMap((said: Text) => named(said, `flow "${name}"`))
    ),
    ...[...calls].flatMap(({ name, late }) =>
      Object.values(late).flatMap(said => named(said, `call "${name}"`))
    ),
    ...Object.entries(spec.commands ?? {}).flatMap(([name, command]) =>
      typeof command.do === 'string' ? [] : named(command.do.text, `command "${name}"`)
    ),
    ...Object.entries(spec.says ?? {}).flatMap(([role, key]) => named(text(key), `says.${role}`)),
    ...(spec.session === undefined ? [] : named(text(spec.session.notice), 'session.notice')),
    ...(spec.session?.warning === undefined
      ? []
      : named(text(spec.session.warning.text), 'session.warning')),
    ...Object.keys(OWN_TEXTS)
      .filter(role => !isReplaced(role, spec))
      .flatMap(role => named(text(`bot.${role}`), 'the bot itself')),
    ...unevenTables(spec)
  ]
}

// The default words are English: other locales must bring their own.
function missingIn({ texts }: BotSpec<Core>): (key: string) => readonly string[] {
  const own = new Set(Object.keys(OWN_TEXTS).map(role => `bot.${role}`))
  const tables = Object.entries(texts)
  return key =>
    tables.length === 0 && !own.has(key)
      ? ['any locale']
      : tables
          .filter(([, table]) => wordsOf(table, key) === undefined)
          .map(([locale]) => locale)
          .filter(locale => !own.has(key) || !/^en\b/i.test(locale))
}

function isReplaced(role: string, { says, session }: BotSpec<Core>): boolean {
  if (role === 'expired') return session !== undefined
  return says !== undefined && Object.hasOwn(says, role)
}

/** The parameters that a text wants in some locale and is not given. */
function unfilled({ key, params }: Text, { texts }: BotSpec<Core>): readonly string[] {
  return Object.entries(texts).flatMap(([locale, table]) =>
    placeholdersOf(wordsOf(table, key) ?? '')
      .filter(name => !Object.hasOwn(params, name))
      .map(name => `"${key}" in ${locale} needs "${name}"`)
  )
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
    ...written.flatMap(said => unfilled(said, spec)).map(says => at(placed, 'text', says))
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
      .filter(key => wordsOf(table, key) === undefined)
      .map(key => ofBot(`the text "${key}" is in ${other} but missing in ${locale}`)),
    ...Object.keys(table).flatMap(key => {
      if (wordsOf(translated, key) === undefined)
        return ofBot(`the text "${key}" is in ${locale} but missing in ${other}`)
      return sameNames(table[key] ?? '', translated[key] ?? '')
        ? []
        : ofBot(`the text "${key}" has other placeholders in ${other} than in ${locale}`)
    })
  ])
}

function wordsOf(table: TextTable, key: string): string | undefined {
  const words: unknown = Object.hasOwn(table, key) ? table[key] : undefined
  return typeof words === 'string' ? words : undefined
}

function sameNames(one: string, other: string): boolean {
  const names = (words: string): string => [...new Set(placeholdersOf(words))].sort().join()
  return names(one) === names(other)
}

function ofBot(says: string): Finding {
  return { kind: 'text', flow: null, step: null, says }
}
