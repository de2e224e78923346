import type { RedisPlace } from '../../lib/redis.ts'
import { type Environment, isUrl, type Refuse, valueOf } from './setting.ts'

const PROTOCOLS = ['redis:', 'rediss:']

/** Where Redis is, and the setting that says so. */
export interface RedisHome {
  readonly setting: 'REDIS_URL' | 'REDIS_SENTINELS' | 'REDIS_CLUSTER'
  readonly place: RedisPlace
}

/** Reads which Redis is meant: one server, one behind sentinels, or a Cluster; null for none. */
export function readRedis(env: Environment, refuse: Refuse): RedisHome | null {
  const url = readOne(env, refuse)
  const sentinel = readSentinels(env, refuse)
  const cluster = readList(env, 'REDIS_CLUSTER', 6379, refuse)
  const homes: readonly (RedisHome | null)[] = [
    url === null ? null : { setting: 'REDIS_URL', place: { url } },
    sentinel === null ? null : { setting: 'REDIS_SENTINELS', place: { sentinel } },
    cluster === null ? null : { setting: 'REDIS_CLUSTER', place: { cluster } }
  ]
  const [home = null, second] = homes.filter(one => one !== null)
  if (home !== null && second !== undefined) {
    const hint = 'set only one of REDIS_URL, REDIS_SENTINELS and REDIS_CLUSTER'
    refuse(second.setting, `it is set although ${home.setting} is`, hint)
  }
  return home
}

function readOne(env: Environment, refuse: Refuse): string | null {
  const url = valueOf(env, 'REDIS_URL')
  if (url === undefined) return null
  if (isUrl(url, PROTOCOLS)) return url
  // The text itself is not repeated: it may hold a password.
  const hint = 'use an address such as redis://127.0.0.1:6379'
  refuse('REDIS_URL', 'the address cannot be read', hint)
  return null
}

function readSentinels(env: Environment, refuse: Refuse) {
  const nodes = readList(env, 'REDIS_SENTINELS', 26_379, refuse)
  const master = valueOf(env, 'REDIS_MASTER')
  const username = valueOf(env, 'REDIS_USERNAME')
  const password = valueOf(env, 'REDIS_PASSWORD')
  if (nodes === null) {
    for (const [name, value] of Object.entries({
      REDIS_MASTER: master,
      REDIS_USERNAME: username,
      REDIS_PASSWORD: password
    })) {
      if (value === undefined || valueOf(env, 'REDIS_SENTINELS') !== undefined) continue
      const hint = 'set the addresses of the sentinels in REDIS_SENTINELS, or unset it'
      refuse(name, 'it is set although REDIS_SENTINELS is not', hint)
    }
    return null
  }
  if (master === undefined) {
    const hint = 'set the name that the sentinels know the master by'
    refuse('REDIS_MASTER', 'it is not set although REDIS_SENTINELS is', hint)
    return null
  }
  return {
    nodes,
    master,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password })
  }
}

function readList(
  env: Environment,
  name: string,
  port: number,
  refuse: Refuse
): readonly string[] | null {
  const text = valueOf(env, name)
  if (text === undefined) return null
  const urls = text.split(',').map(part => part.trim())
  if (urls.every(url => isUrl(url, PROTOCOLS))) return urls
  const example = `redis://10.0.0.1:${port},redis://10.0.0.2:${port}`
  const hint = `use addresses with commas between them, such as ${example}`
  refuse(name, 'an address of the list cannot be read', hint)
  return null
}
