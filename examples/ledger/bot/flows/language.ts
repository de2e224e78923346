import { choose, defineFlow, goto, text } from '../../../../lib/flow/index.ts'
import { LedgerCore } from '../core.ts'
import type { Language } from '../texts/texts.ts'

// Each in its own language, so that whoever looks for it can read it.
const languages: readonly { readonly id: Language; readonly label: string }[] = [
  { id: 'en', label: 'English' },
  { id: 'es', label: 'Español' }
]

/** Lets a member say which language to talk in; it outlives sessions. The login is done anew. */
export const languageFlow = defineFlow(
  { core: LedgerCore, name: 'language', stage: 'AUTH', start: 'pickLanguage' },
  {
    pickLanguage: choose({
      prompt: text('pick.language'),
      options: languages,
      invalid: text('err.button'),
      next: (language, { core }) => [core.useLocale(language), goto({ flow: 'login' })]
    })
  }
)
