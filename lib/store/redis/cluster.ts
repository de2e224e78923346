import * as E from 'fp-ts/lib/Either.js'
import { pause } from '../../kernel/clock.ts'
import { ChaperoneError, failure } from '../../kernel/failure.ts'
import { ClusterNodes, type ClusterParts } from './cluster-nodes.ts'
import type { Answer, Deployment, Master, Share } from './deployment.ts'
import { slotOf } from './key-slot.ts'
import type { Command, Link } from './link.ts'
import { failureFrom, type RedisClient } from './redis-client.ts'
import type { RunScript, Script } from './scripts/script.ts'
import { redirectOf } from './slot-map.ts'

/** A call is redirected no more often than this. */
const REDIRECTIONS = 5
/** Pause before a slot on the move is asked again, in ms; half of it is left to chance. */
const TRY_AGAIN_MS = 40

/** Something to be done by the master of a slot; left is what that master said instead. */
interface Errand<T> {
  readonly slot: number
  run(client: RedisClient): Promise<E.Either<unknown, T>>
  /** The same of a server that the slot is only on its way to. */
  runAsking(client: RedisClient): Promise<E.Either<unknown, T>>
}

/**
 * A Redis Cluster: each call goes to the master of its slot, and after a redirection to the next.
 *
 * Only what a server refused is sent to another: a call whose outcome is unknown is the caller's.
 */
export class RedisCluster implements Deployment {
  readonly #parts: ClusterParts
  readonly #nodes: ClusterNodes
  /** Who answered last what any master can say. */
  #talkative: RedisClient | null = null

  constructor(parts: ClusterParts) {
    this.#parts = parts
    this.#nodes = new ClusterNodes(parts)
  }

  ready(): Promise<void> {
    return this.#nodes.ready()
  }

  close(): void {
    this.#nodes.close()
  }

  readonly run: RunScript = (script, args, read) => {
    if (args[0] === 0) return this.#anywhere(client => client.run(script, args, read, thrown))
    const slot = slotOf(String(args[1]))
    const owner = this.#nodes.ownerOf(slot)
    if (owner === undefined) return Promise.reject(this.#homeless(slot))
    return owner.run(script, args, read, (error: unknown) =>
      this.#again(error, owner, scriptErrand(slot, script, args, read))
    )
  }

  async call(...command: Command): Promise<unknown> {
    const errand = commandErrand(command)
    const owner = this.#nodes.ownerOf(errand.slot)
    if (owner === undefined) throw this.#homeless(errand.slot)
    return owner.raw(command).catch((error: unknown) => this.#again(error, owner, errand))
  }

  addressOf(key: string): string {
    return addressOf(this.#nodes.ownerOf(slotOf(key)))
  }

  masters(): readonly Master[] {
    return this.#nodes.all()
  }

  shares(keys: readonly string[]): readonly Share[] {
    const places = new Map<RedisClient | undefined, number[]>()
    for (const [place, key] of keys.entries()) {
      const owner = this.#nodes.ownerOf(slotOf(key))
      const at = places.get(owner)
      if (at === undefined) places.set(owner, [place])
      else at.push(place)
    }
    return [...places].map(([owner, at]) => ({ master: this.#master(owner), at }))
  }

  #master(owner: RedisClient | undefined): Master {
    return {
      address: addressOf(owner),
      link: owner?.link ?? null,
      call: async (...command) =>
        owner === undefined ? this.call(...command) : owner.call(...command),
      batch: async commands => this.#batch(owner, commands)
    }
  }

  async #batch(
    owner: RedisClient | undefined,
    commands: readonly Command[]
  ): Promise<readonly Answer[]> {
    const rows = await owner?.rawBatch(commands)
    return Promise.all(
      commands.map(async (command, at): Promise<Answer> => {
        const [error, reply] = rows?.[at] ?? [null, undefined]
        if (owner !== undefined && error === null) return E.right(reply)
        const late =
          owner === undefined
            ? this.call(...command)
            : this.#again(error, owner, commandErrand(command))
        return late.then(E.right, (failed: unknown) => E.left(failureFrom(failed)))
      })
    )
  }

  /** Follows redirections, a few and for a while; anything else is the outcome. */
  async #again<T>(error: unknown, by: RedisClient, errand: Errand<T>): Promise<T> {
    const { clock, random, commandTimeoutMs } = this.#parts
    const untilMs = clock.monotonicMs() + commandTimeoutMs
    let said = error
    let from = by
    for (let hops = 0; hops < REDIRECTIONS && clock.monotonicMs() < untilMs; ) {
      const redirect = redirectOf(said, this.#nodes.hostOf(from))
      if (redirect === null) break
      if (redirect.tag === 'tryAgain') {
        await pause(clock, TRY_AGAIN_MS * (0.5 + random.fraction() / 2))
        from = this.#nodes.ownerOf(errand.slot) ?? from
      } else {
        hops += 1
        const { slot, host, port } = redirect
        from =
          redirect.tag === 'moved'
            ? this.#nodes.moved(slot, host, port)
            : this.#nodes.at(host, port)
      }
      const reached = await isReadyWithin(from, untilMs - clock.monotonicMs())
      if (!reached) break
      const answer = await (redirect.tag === 'ask' ? errand.runAsking(from) : errand.run(from))
      if (E.isRight(answer)) return answer.right
      said = answer.left
    }
    this.#nodes.look()
    throw failureFrom(said)
  }

  /** What any master can say: one that hangs is not the first to be asked again. */
  async #anywhere<T>(ask: (client: RedisClient) => Promise<T>): Promise<T> {
    let failed: unknown = this.#homeless(0)
    const rank = (client: RedisClient): number =>
      client.isReady ? Number(client !== this.#talkative) : 2
    for (const client of this.#nodes.all().toSorted((one, other) => rank(one) - rank(other))) {
      try {
        const answer = await ask(client)
        this.#talkative = client
        return answer
      } catch (error) {
        if (this.#talkative === client) this.#talkative = null
        failed = error
        this.#nodes.look()
      }
    }
    throw failed
  }

  #homeless(slot: number): ChaperoneError {
    this.#nodes.look()
    return new ChaperoneError(failure('CHP_STORE_REFUSED', `Redis: no master holds slot ${slot}.`))
  }
}

function scriptErrand<R, T>(
  slot: number,
  script: Script,
  args: readonly (string | number)[],
  read: (reply: R, link: Link) => T | Promise<T>
): Errand<T> {
  const righted = async (reply: R, link: Link) => E.right(await read(reply, link))
  return {
    slot,
    run: async client =>
      client.run<R, E.Either<unknown, T>>(script, args, righted, error => E.left(error)),
    // By its text: a server that does not know it yet would have to be asked twice.
    runAsking: async client =>
      client.rawAsking(['EVAL', script.lua, ...args]).then(
        reply => righted(reply as R, client.link!),
        (error: unknown) => E.left(error)
      )
  }
}

function commandErrand(command: Command): Errand<unknown> {
  return {
    slot: slotOf(String(command[1])),
    run: async client => settled(client.raw(command)),
    runAsking: async client => settled(client.rawAsking(command))
  }
}

async function settled(call: Promise<unknown>): Promise<E.Either<unknown, unknown>> {
  return call.then(E.right, (error: unknown) => E.left(error))
}

async function isReadyWithin(client: RedisClient, withinMs: number): Promise<boolean> {
  return client.ready(withinMs).then(
    () => true,
    () => false
  )
}

function addressOf(owner: RedisClient | undefined): string {
  return owner?.address ?? 'nobody'
}

function thrown(error: unknown): never {
  throw failureFrom(error)
}
