const VERSION = 1
const BUBBLES_MAX = 200
const KEYS_MAX = 500

/**
 * The conversation as this browser keeps it: shared by its tabs, bounded, there after a reload.
 *
 * Every change starts from what is stored, so that two tabs do not write over each other. Where
 * nothing can be stored, it lives as long as the page. Tells of changes by a `change` event, and
 * of a message of this tab by a `said` event.
 */
export class Memory extends EventTarget {
  #storage
  #name
  #state = fresh()

  constructor(storage, name) {
    super()
    this.#storage = storage
    this.#name = name
    this.#load()
  }

  /** Oldest first: `{ role: 'reply', key, … }` or `{ role: 'message', id, … }`. */
  get bubbles() {
    return this.#state.bubbles
  }

  /** Messages that the server has not taken yet, oldest first. */
  get pending() {
    return this.#state.bubbles.filter(isPending)
  }

  /** The key of the newest prompt, whose options may still be tapped; null when it was answered. */
  get openKey() {
    const prompt = this.#state.bubbles.findLast(
      ({ role, reply }) => role === 'reply' && (reply.kind === 'buttons' || reply.kind === 'list')
    )
    return prompt === undefined || prompt.chosen !== undefined ? null : prompt.key
  }

  /** Another visitor than before has no part in what was said; what is unsent is still to say. */
  meet(visitor) {
    if (this.#state.visitor === visitor) return
    this.#change(state => {
      const isSame = state.visitor === null || state.visitor === visitor
      const unsent = state.bubbles.filter(
        bubble => isPending(bubble) && bubble.frame.kind === 'say'
      )
      return isSame ? { ...state, visitor } : { ...fresh(), visitor, bubbles: unsent }
    })
  }

  /** Keeps what the member says until the server has taken it. `answered` is the prompt's key. */
  addMessage({ frame, text, answered = null }) {
    const message = { role: 'message', id: frame.id, text, frame, atMs: Date.now(), isTaken: false }
    this.#change(state => ({
      ...state,
      bubbles: [
        ...state.bubbles.map(bubble =>
          answered !== null && bubble.key === answered
            ? { ...bubble, chosen: frame.option }
            : bubble
        ),
        message
      ]
    }))
    this.dispatchEvent(new Event('said'))
  }

  take(id) {
    this.#change(state => ({
      ...state,
      bubbles: state.bubbles.map(bubble =>
        bubble.id === id ? { ...bubble, isTaken: true } : bubble
      )
    }))
  }

  /** Keeps a reply, once: a repeat is known by its key. */
  addReply(key, reply) {
    this.#change(state =>
      state.keys.includes(key)
        ? state
        : {
            ...state,
            keys: [...state.keys, key].slice(-KEYS_MAX),
            bubbles: [...state.bubbles, { role: 'reply', key, reply, atMs: Date.now() }]
          }
    )
  }

  /** Reads again what another tab stored. */
  refresh() {
    this.#load()
    this.dispatchEvent(new Event('change'))
  }

  #change(next) {
    this.#load()
    const state = next(this.#state)
    if (state === this.#state) return
    this.#state = { ...state, bubbles: trimmed(state.bubbles) }
    try {
      this.#storage?.setItem(this.#name, JSON.stringify(this.#state))
    } catch {
      // Full or forbidden: from here on the conversation lives in this page only.
      this.#storage = null
    }
    this.dispatchEvent(new Event('change'))
  }

  #load() {
    try {
      const stored = JSON.parse(this.#storage?.getItem(this.#name) ?? 'null')
      if (stored?.version === VERSION) this.#state = stored
    } catch {
      this.#storage = null
    }
  }
}

function fresh() {
  return { version: VERSION, visitor: null, bubbles: [], keys: [] }
}

function isPending({ role, isTaken }) {
  return role === 'message' && !isTaken
}

// What is not sent yet is never forgotten for the sake of room.
function trimmed(bubbles) {
  const excess = bubbles.length - BUBBLES_MAX
  return excess <= 0
    ? bubbles
    : bubbles.filter((bubble, index) => index >= excess || isPending(bubble))
}
