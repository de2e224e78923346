import { type Text, text } from './text.ts'

/** Words by key, as authors write them. */
export type TextTable = Readonly<Record<string, string>>

/** A text cut at its placeholders: words at even places, names of parameters at odd ones. */
type Template = readonly string[]

/** The bot's words by locale, ready to be filled in. */
export interface Catalogue {
  /** The locale of a new conversation, and of keys that another locale lacks. */
  readonly locale: string
  readonly templates: ReadonlyMap<string, ReadonlyMap<string, Template>>
}

/** What the runtime says by itself: role → default words. Keys are `bot.<role>`. */
export const OWN_TEXTS = {
  reset: 'Sorry, something went wrong. Back to the start.',
  stale: 'That choice is no longer open.',
  textOnly: 'I can only read text here.',
  working: 'Still working on it.',
  unresolved: 'What you confirmed may have been done already. Please check before you repeat it.',
  held: 'A person is looking into this. Your messages wait and are answered in order.',
  expired: 'Your session expired, let us start over.',
  retired: 'This has changed meanwhile, let us start over.',
  confirm: 'Confirm',
  cancel: 'Cancel',
  options: 'Options'
} as const

/** A text that the runtime says by itself. */
export type OwnText = keyof typeof OWN_TEXTS

/** The text of one role. */
export const ownText = (role: OwnText): Text => text(`bot.${role}`)

export const CONFIRM: Text = ownText('confirm')
export const CANCEL: Text = ownText('cancel')

/** Compiles the author's tables; `says` maps roles to keys of theirs. */
export function catalogueOf(
  tables: Readonly<Record<string, TextTable>>,
  says: Partial<Readonly<Record<OwnText, string>>>
): Catalogue {
  const locales = Object.keys(tables)
  const templates = new Map(
    (locales.length === 0 ? ['en'] : locales).map(
      locale => [locale, templatesOf(tables[locale] ?? {}, says)] as const
    )
  )
  return { locale: locales[0] ?? 'en', templates }
}

function templatesOf(
  table: TextTable,
  says: Partial<Readonly<Record<OwnText, string>>>
): ReadonlyMap<string, Template> {
  const own = Object.entries(OWN_TEXTS).map(([role, words]) => [`bot.${role}`, words] as const)
  const words = new Map([...own, ...Object.entries(table)])
  for (const [role, key] of Object.entries(says)) {
    const chosen = Object.hasOwn(table, key) ? table[key] : undefined
    if (chosen !== undefined) words.set(`bot.${role}`, chosen)
  }
  return new Map([...words].map(([key, said]) => [key, said.split(/\{(\w+)\}/)]))
}

/**
 * The words of a text in a locale, or of the default locale when that one lacks the key.
 *
 * Throws for a key or a parameter that is missing: a half-filled text must not be sent.
 */
export function wordsIn({ templates, locale }: Catalogue, wanted: string, said: Text): string {
  const template = templates.get(wanted)?.get(said.key) ?? templates.get(locale)?.get(said.key)
  if (template === undefined) throw new ReferenceError(`there is no text "${said.key}"`)
  if (template.length === 1) return template[0] ?? ''
  return template.map((part, index) => (index % 2 === 0 ? part : parameter(said, part))).join('')
}

function parameter({ key, params }: Text, name: string): string {
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  if (value === undefined) throw new ReferenceError(`text "${key}" is not given "${name}"`)
  return String(value)
}

/** The names of the placeholders of some words. */
export function placeholdersOf(words: string): readonly string[] {
  return words.split(/\{(\w+)\}/).filter((_, index) => index % 2 === 1)
}
