import { classify } from './classify.ts'
import type { Deployment, Master, Share } from './deployment.ts'
import type { Command } from './link.ts'
import { failureFrom, RedisClient, type RedisClientParts } from './redis-client.ts'
import type { RunScript } from './scripts/script.ts'

/** One server, or the one that Sentinel says is master now: it holds every key. */
export class OneMaster implements Deployment {
  readonly #client: RedisClient

  constructor(parts: RedisClientParts) {
    this.#client = new RedisClient(parts)
  }

  ready(): Promise<void> {
    return this.#client.ready()
  }

  close(): void {
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

  masters(): readonly Master[] {
    return [this.#client]
  }

  shares(keys: readonly string[]): readonly Share[] {
    return [{ master: this.#client, at: [...keys.keys()] }]
  }
}

function thrown(error: unknown): never {
  throw failureFrom(error)
}
