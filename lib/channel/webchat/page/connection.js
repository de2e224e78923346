const FRAME_VERSION = 1
const HELLO_WITHIN_MS = 10_000
const TAKEN_WITHIN_MS = 10_000
const BACKOFF_FIRST_MS = 500
const BACKOFF_MAX_MS = 20_000

/**
 * The line to the server: it comes back by itself, and repeats what was not taken.
 *
 * Messages go out one after the other, the next when the last is taken, so that their order holds
 * over any break. Tells of `connecting`, `online`, `offline` and `outdated` by a `state` event.
 */
export class Connection extends EventTarget {
  #memory
  #socket = null
  #state = 'offline'
  #failures = 0
  #inFlight = null
  #timer = null

  constructor(memory) {
    super()
    this.#memory = memory
    memory.addEventListener('said', () => this.#sendNext())
    globalThis.addEventListener('online', () => this.#hurry())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#hurry()
    })
  }

  get state() {
    return this.#state
  }

  async open() {
    this.#become('connecting')
    try {
      // Sees to the visitor's cookie, without which no line is opened.
      await fetch('session', { cache: 'no-store', signal: AbortSignal.timeout(HELLO_WITHIN_MS) })
    } catch {
      this.#lose()
      return
    }
    const address = new URL('socket', location.href)
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address)
    this.#socket = socket
    this.#limit(HELLO_WITHIN_MS)
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(data)))
    socket.addEventListener('close', () => {
      if (this.#socket === socket) this.#lose()
    })
  }

  #hear(frame) {
    switch (frame.kind) {
      case 'hello':
        this.#greet(frame)
        break
      case 'reply':
        // First kept, then acknowledged: what is acknowledged never comes again.
        this.#memory.addReply(frame.key, frame.reply)
        this.#send({ kind: 'received', key: frame.key })
        break
      case 'taken':
        this.#memory.take(frame.id)
        if (frame.id === this.#inFlight) this.#clear()
        this.#sendNext()
        break
      case 'shed':
        if (frame.id === this.#inFlight) this.#pause(frame.retryAfterMs)
        break
    }
  }

  #greet({ version, visitor }) {
    this.#clear()
    this.#failures = 0
    if (version !== FRAME_VERSION) {
      const socket = this.#socket
      this.#socket = null
      socket.close()
      this.#become('outdated')
      return
    }
    this.#become('online')
    this.#memory.meet(visitor)
    this.#sendNext()
  }

  #sendNext() {
    if (this.#state !== 'online' || this.#inFlight !== null) return
    const [next] = this.#memory.pending
    if (next === undefined) return
    this.#inFlight = next.id
    this.#send(next.frame)
    this.#limit(TAKEN_WITHIN_MS)
  }

  /** The server has no room now: the same message again, a little later. */
  #pause(afterMs) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#clear()
        this.#sendNext()
      },
      afterMs + Math.random() * 500
    )
  }

  /** A line on which nothing comes back is a dead one, though nobody has said so. */
  #limit(ms) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#lose(), ms)
  }

  #clear() {
    clearTimeout(this.#timer)
    this.#inFlight = null
  }

  #lose() {
    this.#clear()
    const socket = this.#socket
    this.#socket = null
    socket?.close()
    this.#become('offline')
    const ceilingMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#failures)
    this.#failures += 1
    this.#timer = setTimeout(() => this.open(), 200 + Math.random() * ceilingMs)
  }

  #hurry() {
    if (this.#state !== 'offline') return
    clearTimeout(this.#timer)
    this.#failures = 0
    this.open()
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #become(state) {
    this.#state = state
    this.dispatchEvent(new Event('state'))
  }
}
