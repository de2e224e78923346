import { fail } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'
import { fullJitterMs } from '../../kernel/random.ts'
import { classify } from './classify.ts'
import type { Deployment, Master, Share } from './deployment.ts'
import type { Command } from './link.ts'
import { addressText } from './place.ts'
import { failureFrom, RedisClient, type RedisClientParts } from './redis-client.ts'
import type { RunScript } from './scripts/script.ts'
import { SentinelWatch } from './sentinel-watch.ts'

const WATCH_BACKOFF = { initialMs: 100, maxMs: 5000, factor: 2 } as const

/** What it is made of. */
export interface OneMasterParts extends RedisClientParts {
  readonly log: Log
}

/** One server, or the one that Sentinel says is master now: it holds every key. */
export class OneMaster implements Deployment {
  readonly #parts: OneMasterParts
  readonly #client: RedisClient
  #watch: SentinelWatch | null = null

  constructor(parts: OneMasterParts) {
    this.#parts = parts
    this.#client = new RedisClient(parts)
  }

  async ready(): Promise<void> {
    await this.#client.ready()
    if (this.#parts.target.options.sentinels === undefined) await this.#checkMode()
    else this.#watch ??= this.#watching()
  }

  close(): void {
    this.#watch?.close()
    this.#client.close()
  }

  readonly run: RunScript = (script, args, read) =>
    this.#client.run(script, args, read, error => {
      if (classify(error) !== 'now') throw failureFrom(error)
      return this.#client.run(script, args, read, thrown)
    })

  call(...command: Command): Promise<unknown> {
    return this.#client.call(...command)
  }

  addressOf(): string {
    return this.#client.address
  }

  masters(): readonly Master[] {
    return [this.#client]
  }

  shares(keys: readonly string[]): readonly Share[] {
    return [{ master: this.#client, at: [...keys.keys()] }]
  }

  #watching(): SentinelWatch {
    const { target, commandTimeoutMs, random, log } = this.#parts
    return new SentinelWatch({
      target,
      log,
      connectTimeoutMs: commandTimeoutMs,
      pauseMs: times => 100 + fullJitterMs(random, WATCH_BACKOFF, Math.min(times, 10)),
      switched: (host, port) => this.#client.leaveFor(addressText(host, port))
    })
  }

  async #checkMode(): Promise<void> {
    const info = String(await this.#client.call('INFO', 'server'))
    const mode = /^redis_mode:(\w+)/m.exec(info)?.[1]
    if (mode === 'cluster') {
      fail('CHP_STORE_UNFIT', 'The server of `url` is part of a Cluster: name it in `cluster`.')
    }
    if (mode === 'sentinel') {
      fail('CHP_STORE_UNFIT', 'The server of `url` is a sentinel: name it in `sentinel.nodes`.')
    }
  }
}

function thrown(error: unknown): never {
  throw failureFrom(error)
}
