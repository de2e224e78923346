const VERSION = 1
const BUBBLES_MAX = 200

/**
 * The conversation as this browser keeps it: shared by its tabs, bounded, there after a reload.
 *
 * Tabs see each other's writes late, so a state is never replaced but merged with what is stored:
 * bubbles are only added, a message is only ever taken, a prompt only ever answered. Where nothing
 * can be stored, it lives as long as the page. Tells of changes by a `change` event, and of a
 * message of this tab by a `said` event.
 */
export class Memory extends EventTarget {
  #storage
  #name
  #state = { version: VERSION, visitor: null, bubbles: [] }

  constructor(storage, name) {
    super()
    this.#storage = storage
    this.#name = name
    this.#state = merged(this.#state, this.#stored())
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
    this.#change(({ visitor: known, bubbles }) => ({
      version: VERSION,
      visitor,
      bubbles:
        known === null || known === visitor
          ? bubbles
          : bubbles.filter(bubble => isPending(bubble) && bubble.frame.kind === 'say')
    }))
  }

  /** Keeps what the member says until the server has taken it. `answered` is the prompt's key. */
  addMessage({ frame, text, answered = null }) {
    this.#change(({ bubbles, ...state }) => ({
      ...state,
      bubbles: [
        ...bubbles.map(bubble =>
          answered !== null && bubble.key === answered
            ? { ...bubble, chosen: frame.option }
            : bubble
        ),
        { role: 'message', id: frame.id, text, frame, isTaken: false, ...stamp(bubbles) }
      ]
    }))
    this.dispatchEvent(new Event('said'))
  }

  /** Notes that the server has a message for good. */
  take(id) {
    this.#change(({ bubbles, ...state }) => ({
      ...state,
      bubbles: bubbles.map(bubble => (bubble.id === id ? { ...bubble, isTaken: true } : bubble))
    }))
  }

  /** Keeps a reply, once: a repeat is known by its key. */
  addReply(key, reply) {
    this.#change(({ bubbles, ...state }) => ({
      ...state,
      bubbles: bubbles.some(bubble => bubble.key === key)
        ? bubbles
        : [...bubbles, { role: 'reply', key, reply, ...stamp(bubbles) }]
    }))
  }

  /** Takes in what another tab stored, and gives it what it did not know. */
  refresh() {
    this.#change(state => state)
  }

  #change(next) {
    const state = next(merged(this.#state, this.#stored()))
    this.#state = { ...state, bubbles: trimmed(state.bubbles) }
    this.#store(JSON.stringify(this.#state))
    this.dispatchEvent(new Event('change'))
  }

  #store(text) {
    try {
      // Writing the same again would set the tabs off against each other without end.
      if (this.#storage?.getItem(this.#name) !== text) this.#storage?.setItem(this.#name, text)
    } catch {
      // Full or forbidden: from here on the conversation lives in this page only.
      this.#storage = null
    }
  }

  #stored() {
    try {
      const stored = JSON.parse(this.#storage?.getItem(this.#name) ?? 'null')
      return stored?.version === VERSION ? stored : null
    } catch {
      this.#storage = null
      return null
    }
  }
}

/** Two states as one. Of two visitors the stored one is who the browser is now. */
function merged(mine, stored) {
  if (stored === null) return mine
  if (mine.visitor !== null && stored.visitor !== null && mine.visitor !== stored.visitor)
    return stored
  const bubbles = new Map(stored.bubbles.map(bubble => [nameOf(bubble), bubble]))
  for (const bubble of mine.bubbles) {
    const other = bubbles.get(nameOf(bubble))
    bubbles.set(nameOf(bubble), other === undefined ? bubble : mergedBubble(bubble, other))
  }
  return {
    version: VERSION,
    visitor: mine.visitor ?? stored.visitor,
    bubbles: [...bubbles.values()].sort(
      (one, other) => one.order - other.order || (nameOf(one) < nameOf(other) ? -1 : 1)
    )
  }
}

function mergedBubble(mine, other) {
  // Every tab must choose the same, or they would correct each other without end.
  const first = mine.order - other.order || mine.atMs - other.atMs
  const chosen = mine.chosen ?? other.chosen
  return {
    ...(first <= 0 ? mine : other),
    ...(mine.role === 'message' ? { isTaken: mine.isTaken || other.isTaken } : {}),
    ...(chosen === undefined ? {} : { chosen })
  }
}

/** When a bubble came, and its place: after the last one, though the clock were set back. */
function stamp(bubbles) {
  const atMs = Date.now()
  return { atMs, order: Math.max(atMs, (bubbles.at(-1)?.order ?? 0) + 1) }
}

/** What a bubble is called in every tab. */
export function nameOf({ role, key, id }) {
  return `${role} ${key ?? id}`
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
