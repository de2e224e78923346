import { type Bot, defineBot } from '../../../lib/flow/index.ts'
import { acceptAllCall } from './calls/accept-all.ts'
import { createOfferCall } from './calls/create-offer.ts'
import { loginCall } from './calls/login.ts'
import { readLedgerCall } from './calls/read-ledger.ts'
import { registerMemberCall } from './calls/register-member.ts'
import { resolveHandleCall } from './calls/resolve-handle.ts'
import { settleOfferCall } from './calls/settle-offer.ts'
import { upgradeTierCall } from './calls/upgrade-tier.ts'
import type { LedgerClient } from './client/ledger-client.ts'
import { defaultConfig, type LedgerBotConfig } from './config.ts'
import { LedgerCore } from './core.ts'
import { watchedBot, watchedFlow } from './fault-hook.ts'
import { accountFlow } from './flows/account.ts'
import { initFlow } from './flows/init.ts'
import { languageFlow } from './flows/language.ts'
import { ledgerFlow } from './flows/ledger.ts'
import { loginFlow } from './flows/login.ts'
import { menuFlow } from './flows/menu.ts'
import { offerFlow } from './flows/offer.ts'
import { registrationFlow } from './flows/registration.ts'
import { settleFlow } from './flows/settle.ts'
import { settleAllFlow } from './flows/settle-all.ts'
import { upgradeFlow } from './flows/upgrade.ts'
import { relogin } from './relogin.ts'
import { texts } from './texts/texts.ts'

export { ledgerClient, type Transport } from './client/ledger-client.ts'
export type { LedgerBotConfig } from './config.ts'
export { identityOf, LedgerCore } from './core.ts'

export interface LedgerBotOptions {
  readonly ledger: LedgerClient
  /** What differs from `defaultConfig`. */
  readonly config?: Partial<LedgerBotConfig>
}

/** Words that lead home from everywhere. */
export const GREETINGS: readonly string[] = [
  'hi',
  'hie',
  'hy',
  'hey',
  'hello',
  'menu',
  'home',
  'mhoro',
  'makadii',
  'sawubona',
  'jambo',
  'habari',
  'bonjour',
  'salut',
  'hola',
  'buenos dias'
]

/** Words that lead to the choice of a language, in each of them. */
const LANGUAGE_WORDS: readonly string[] = ['language', 'idioma', 'english', 'español', 'espanol']

/**
 * The peer-credit ledger bot: members offer each other credit that the ledger service keeps.
 *
 * @example
 * const bot = ledgerBot({ ledger: ledgerClient({ url: 'http://127.0.0.1:4000' }) })
 */
export function ledgerBot({ ledger, config: told = {} }: LedgerBotOptions): Bot<LedgerCore> {
  const config: LedgerBotConfig = { ...defaultConfig, ...told }
  const { fault, sessionTtlSeconds } = config
  const flows = flowsOf(ledger, config)
  const bot = defineBot<LedgerCore>({
    name: 'ledger',
    core: LedgerCore,
    flows: fault === undefined ? flows : flows.map(flow => watchedFlow(flow, fault)),
    start: 'init',
    menu: 'menu',
    registration: 'registration',
    commands: {
      greeting: { words: GREETINGS, do: 'login' },
      language: { words: LANGUAGE_WORDS, do: 'language' }
    },
    session: { idleSeconds: sessionTtlSeconds, notice: 'notice.expired' },
    stages: {
      INIT: ['AUTH'],
      AUTH: ['INIT', 'MENU', 'REGISTRATION', 'ACCOUNT'],
      MENU: ['CREDIT', 'ACCOUNT'],
      CREDIT: ['MENU'],
      ACCOUNT: ['MENU'],
      REGISTRATION: ['MENU']
    },
    texts,
    says: {
      reset: 'notice.reset',
      stale: 'notice.stale',
      textOnly: 'err.textOnly',
      working: 'notice.working',
      unresolved: 'notice.unresolved',
      held: 'notice.held',
      retired: 'notice.retired',
      confirm: 'button.confirm',
      cancel: 'button.cancel',
      options: 'menu.open'
    },
    relogin
  })
  return fault === undefined ? bot : watchedBot(bot, fault)
}

function flowsOf(ledger: LedgerClient, config: LedgerBotConfig) {
  const parts = { ledger, config }
  const login = loginCall(parts)
  const readLedger = readLedgerCall(parts)
  return [
    initFlow,
    loginFlow(login),
    registrationFlow(registerMemberCall(parts), login),
    menuFlow(readLedger),
    offerFlow({
      resolveHandle: resolveHandleCall(parts),
      createOffer: createOfferCall(parts),
      config
    }),
    settleFlow(settleOfferCall(parts)),
    settleAllFlow(acceptAllCall(parts)),
    accountFlow,
    languageFlow,
    ledgerFlow(readLedger, config),
    upgradeFlow(upgradeTierCall(parts))
  ]
}
