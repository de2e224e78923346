import type { Redis } from 'ioredis'

/** From here on commands of one turn share a write; below, the server works while we go on. */
const IN_FLIGHT = 32
/** No more commands than this wait for one write. */
const COMMANDS = 32

/** The part of a socket that is used here. */
interface Corkable {
  cork(): void
  uncork(): void
}

/**
 * Gathers the commands of a busy turn into few socket writes, which cost more than all the rest.
 *
 * With few commands in flight every one is written at once.
 */
export class CorkedSocket {
  readonly #redis: Redis
  #inFlight = 0
  #corked: Corkable | null = null
  #waiting = 0

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** Say before a command is sent, and `landed` when it is settled. */
  sending(): void {
    this.#inFlight += 1
    if (this.#inFlight <= IN_FLIGHT) return
    if (this.#corked === null) this.#cork()
    else if (++this.#waiting >= COMMANDS) {
      this.#waiting = 0
      this.#corked.uncork()
      this.#corked.cork()
    }
  }

  landed(): void {
    this.#inFlight -= 1
  }

  #cork(): void {
    const socket = socketOf(this.#redis)
    if (socket === null) return
    this.#corked = socket
    this.#waiting = 0
    socket.cork()
    setImmediate(() => {
      this.#corked = null
      socket.uncork()
    })
  }
}

// The client does not document its socket: without one, commands are simply written one by one.
function socketOf(redis: Redis): Corkable | null {
  const socket: unknown = Reflect.get(redis, 'stream')
  const isCorkable =
    typeof socket === 'object' && socket !== null && 'cork' in socket && 'uncork' in socket
  return isCorkable ? (socket as Corkable) : null
}
