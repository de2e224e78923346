import { en } from './en.ts'
import { es } from './es.ts'

/** Everything the ledger bot says, by language; the first is the one of a new conversation. */
export const texts = { en, es }

export type Language = keyof typeof texts
