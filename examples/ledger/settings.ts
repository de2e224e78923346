import { hostname } from 'node:os'
import type { RedisDurability } from '../../lib/redis.ts'
import { type RedisHome, readRedis } from './redis-settings.ts'
import { type Environment, isUrl, type Refuse, valueOf } from './setting.ts'

/** The bot server's settings, read from the environment; the README lists them. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Unset: the embedded store in `dataDir`. */
  readonly redis: RedisHome | null
  /** The level that the store must fulfil; null: what it does is taken. */
  readonly durability: Durability | null
  readonly dataDir: string
  readonly instance: string
  readonly whatsapp: WhatsAppAccount | null
  readonly ledgerUrl: string | null
  /** Opens the ledger service's test control endpoint; only when it runs in this process. */
  readonly ledgerControl: boolean
  readonly logLevel: string
  /** Null: nothing is counted. Without a token whoever reaches the server may read it. */
  readonly metrics: { readonly token: string | null } | null
  readonly policyFile: string | null
}

export type Durability = RedisDurability | 'embedded'

export interface WhatsAppAccount {
  readonly appSecret: string
  readonly verifyToken: string | null
  readonly accessToken: string
  readonly phoneNumberId: string
  readonly apiUrl: string
}

/** One setting that cannot be used: its name, what is wrong, and what to do. */
export interface Problem {
  readonly setting: string
  readonly problem: string
  readonly hint: string
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Reads the settings whole, or says everything that is wrong with them. */
export function readSettings(env: Environment): Settings | readonly Problem[] {
  const problems: Problem[] = []
  const refuse = (setting: string, problem: string, hint: string): void => {
    problems.push({ setting, problem, hint })
  }
  const port = readPort(env, refuse)
  const redis = readRedis(env, refuse)
  const durability = readDurability(env, redis === null, refuse)
  const ledgerUrl = readUrl(env, 'LEDGER_URL', ['http:', 'https:'], refuse)
  const logLevel = valueOf(env, 'LOG_LEVEL') ?? 'info'
  if (!LEVELS.includes(logLevel)) {
    refuse('LOG_LEVEL', `"${logLevel}" is no level`, `use one of ${LEVELS.join(', ')}`)
  }
  const control = valueOf(env, 'LEDGER_CONTROL') ?? 'on'
  if (control !== 'on' && control !== 'off') {
    refuse('LEDGER_CONTROL', `"${control}" is neither on nor off`, 'use on or off')
  }
  const whatsapp = readWhatsApp(env, refuse)
  const metrics = readMetrics(env, refuse)
  const instance = valueOf(env, 'INSTANCE') ?? `${cleaned(hostname())}-${port}`
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(instance)) {
    refuse('INSTANCE', 'the name has other characters', 'use up to 64 of A-Z a-z 0-9 . _ -')
  }
  if (problems.length > 0) return problems
  return {
    host: valueOf(env, 'HOST') ?? '127.0.0.1',
    port,
    redis,
    durability,
    dataDir: valueOf(env, 'DATA_DIR') ?? './data',
    instance,
    whatsapp,
    ledgerUrl,
    ledgerControl: control === 'on',
    logLevel,
    metrics,
    policyFile: valueOf(env, 'SUPERVISION_POLICY') ?? null
  }
}

function readPort(env: Environment, refuse: Refuse): number {
  const text = valueOf(env, 'PORT') ?? '3000'
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  refuse('PORT', `"${text}" is no port`, 'use a number from 0 to 65535; 0 picks a free one')
  return 0
}

function readDurability(env: Environment, isEmbedded: boolean, refuse: Refuse): Durability | null {
  const text = valueOf(env, 'DURABILITY')
  if (text === undefined) return null
  const levels: readonly Durability[] = isEmbedded
    ? ['embedded']
    : ['everysec', 'always', 'replicated']
  const level = levels.find(name => name === text)
  if (level !== undefined) return level
  const store = isEmbedded ? 'the embedded store, which REDIS_URL replaces' : 'Redis'
  refuse('DURABILITY', `"${text}" is no level of ${store}`, `use ${levels.join(' or ')}`)
  return null
}

function readMetrics(env: Environment, refuse: Refuse): Settings['metrics'] {
  const text = valueOf(env, 'METRICS') ?? 'off'
  const token = valueOf(env, 'METRICS_TOKEN') ?? null
  if (text === 'on') return { token }
  if (text !== 'off') refuse('METRICS', `"${text}" is neither on nor off`, 'use on or off')
  else if (token !== null) {
    refuse('METRICS_TOKEN', 'it is set although METRICS is off', 'set METRICS to on, or unset it')
  }
  return null
}

function readUrl(
  env: Environment,
  name: string,
  protocols: readonly string[],
  refuse: Refuse
): string | null {
  const text = valueOf(env, name)
  if (text === undefined) return null
  if (isUrl(text, protocols)) return text
  // The text itself is not repeated: it may hold a password.
  const hint = `use an address such as ${protocols[0]}//127.0.0.1:4000`
  refuse(name, 'the address cannot be read', hint)
  return null
}

function readWhatsApp(env: Environment, refuse: Refuse): WhatsAppAccount | null {
  const apiUrl =
    readUrl(env, 'WHATSAPP_API_URL', ['https:', 'http:'], refuse) ??
    'https://graph.facebook.com/v22.0'
  const appSecret = valueOf(env, 'WHATSAPP_APP_SECRET')
  if (appSecret === undefined) return null
  const accessToken = valueOf(env, 'WHATSAPP_ACCESS_TOKEN')
  const phoneNumberId = valueOf(env, 'WHATSAPP_PHONE_NUMBER_ID')
  if (accessToken === undefined) {
    refuse(
      'WHATSAPP_ACCESS_TOKEN',
      'it is not set although WHATSAPP_APP_SECRET is',
      'set the token of the system user, or unset WHATSAPP_APP_SECRET'
    )
  }
  if (phoneNumberId === undefined) {
    refuse(
      'WHATSAPP_PHONE_NUMBER_ID',
      'it is not set although WHATSAPP_APP_SECRET is',
      'set the id of the number (not the number itself), or unset WHATSAPP_APP_SECRET'
    )
  }
  if (accessToken === undefined || phoneNumberId === undefined) return null
  const verifyToken = valueOf(env, 'WHATSAPP_VERIFY_TOKEN') ?? null
  return { appSecret, verifyToken, accessToken, phoneNumberId, apiUrl }
}

function cleaned(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 50) || 'host'
}
