import type { RedisOptions } from 'ioredis'
import { fail } from '../../kernel/failure.ts'

/** Where a Redis store finds its servers: exactly one of `url`, `sentinel` and `cluster`. */
export type RedisPlace = OneServer | WatchedServers | ClusterServers

interface OneServer {
  /** One server: `redis://` or, for TLS, `rediss://`. */
  readonly url: string
  readonly sentinel?: undefined
  readonly cluster?: undefined
}

interface WatchedServers {
  /** A master and its replicas, watched by sentinels. */
  readonly sentinel: SentinelPlace
  readonly url?: undefined
  readonly cluster?: undefined
}

interface ClusterServers {
  /**
   * Some servers of a Redis Cluster; the others are learned from them. User, password and TLS
   * (`rediss://`) are those of every server, so they must be the same in each.
   */
  readonly cluster: readonly string[]
  readonly url?: undefined
  readonly sentinel?: undefined
}

/** How Sentinel is asked for the master. */
export interface SentinelPlace {
  /** The sentinels, `redis://` or `rediss://`, with the user and password they themselves want. */
  readonly nodes: readonly string[]
  /** Name of the master in their configuration. */
  readonly master: string
  /** User and password of the servers. */
  readonly username?: string
  readonly password?: string
  /** Whether the servers are reached by TLS; default false. */
  readonly tls?: boolean
}

/** Trust and identity for `rediss://`; without them, those of Node. */
export interface RedisTls {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
}

/** What one client connects to, in the words of ioredis, and what may be said of it. */
export interface Target {
  readonly options: Omit<RedisOptions, 'replyMapping'>
  /** Without user and password. */
  readonly shown: string
}

/** A place that was looked through. */
export type Checked =
  | { readonly kind: 'one'; readonly target: Target }
  | { readonly kind: 'cluster'; readonly targets: readonly Target[] }

/** Looks through a place; throws CHP_SETTING_INVALID, naming the setting, for what is none. */
export function checkedPlace(place: RedisPlace, tls: RedisTls = {}): Checked {
  const given = (['url', 'sentinel', 'cluster'] as const).filter(name => place[name] !== undefined)
  if (given.length !== 1) {
    const what = given.length === 0 ? 'none of them' : given.map(name => `\`${name}\``).join(', ')
    refuse(`redisStore takes exactly one of \`url\`, \`sentinel\` and \`cluster\`: it got ${what}.`)
  }
  if (place.cluster !== undefined) return { kind: 'cluster', targets: nodesOf(place.cluster, tls) }
  if (place.sentinel !== undefined) return { kind: 'one', target: watched(place.sentinel, tls) }
  return { kind: 'one', target: targetOf('The Redis URL', place.url, tls) }
}

/** The same servers' user, password and TLS, at another address. */
export function targetAt({ options }: Target, host: string, port: number): Target {
  const { username, password, tls, db } = options
  return {
    options: {
      host,
      port,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls }),
      ...(db === undefined ? {} : { db })
    },
    shown: addressText(host, port)
  }
}

/** Host and port as one text, as URLs write them. */
export function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function nodesOf(urls: unknown, tls: RedisTls): readonly Target[] {
  const targets = listOf('cluster', urls).map(url => targetOf('Every URL of `cluster`', url, tls))
  const [first] = targets
  for (const { options } of targets) {
    if (options.db !== undefined) refuse('A URL of `cluster` names no database: a Cluster has one.')
    const isLike =
      options.username === first!.options.username &&
      options.password === first!.options.password &&
      (options.tls === undefined) === (first!.options.tls === undefined)
    if (!isLike) refuse('All URLs of `cluster` must have the same user, password and protocol.')
  }
  return targets
}

function watched(place: SentinelPlace, tls: RedisTls): Target {
  const { nodes, master, username, password } = place
  if (typeof master !== 'string' || master === '') {
    refuse('`sentinel.master` must be the name of the master, as the sentinels know it.')
  }
  const targets = listOf('sentinel.nodes', nodes).map(url =>
    targetOf('Every URL of `sentinel.nodes`', url, tls, 26_379)
  )
  const { options } = targets[0]!
  return {
    options: {
      sentinels: targets.map(({ options: { host, port } }) => ({ host: host!, port: port! })),
      name: master,
      role: 'master',
      ...(options.username === undefined ? {} : { sentinelUsername: options.username }),
      ...(options.password === undefined ? {} : { sentinelPassword: options.password }),
      ...(options.tls === undefined ? {} : { sentinelTLS: options.tls }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(place.tls === true ? { tls: { ...tls }, enableTLSForSentinelMode: true } : {})
    },
    shown: `${master} (sentinels ${targets.map(({ shown }) => shown).join(', ')})`
  }
}

function listOf(name: string, urls: unknown): readonly unknown[] {
  return Array.isArray(urls) && urls.length > 0
    ? (urls as readonly unknown[])
    : refuse(`\`${name}\` must be a list of one or more URLs.`)
}

function targetOf(what: string, text: unknown, tls: RedisTls, usualPort = 6379): Target {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    return refuse(`${what} must be of the form redis://host:port or rediss://host:port.`)
  }
  const { pathname, search, hash } = url
  const db = pathname.slice(1)
  if (!/^\d{0,5}$/.test(db) || search !== '' || hash !== '') {
    refuse(`${what} may end in the number of a database, in nothing else.`)
  }
  const host = url.hostname.replaceAll(/^\[|\]$/g, '')
  const port = url.port === '' ? usualPort : Number(url.port)
  return {
    options: {
      host,
      port,
      ...(url.username === '' ? {} : { username: decoded(what, url.username) }),
      ...(url.password === '' ? {} : { password: decoded(what, url.password) }),
      ...(db === '' || Number(db) === 0 ? {} : { db: Number(db) }),
      ...(url.protocol === 'rediss:' ? { tls: { ...tls } } : {})
    },
    shown: addressText(host, port)
  }
}

function decoded(what: string, part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return refuse(`${what} must write a % in its user or password as %25.`)
  }
}

function refuse(detail: string): never {
  return fail('CHP_SETTING_INVALID', detail)
}
