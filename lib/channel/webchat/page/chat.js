import { bubbleElement, updateBubble } from './bubbles.js'
import { Connection } from './connection.js'
import { Memory, nameOf } from './memory.js'

const STATES = {
  connecting: 'Connecting…',
  online: 'Online',
  offline: 'Offline, trying again…',
  outdated: 'There is a newer version: please reload'
}

const [log, empty, state, composer, text] = ['log', 'empty', 'state', 'composer', 'text'].map(id =>
  document.getElementById(id)
)
const storageName = `chaperone.chat ${location.pathname}`
const memory = new Memory(storageOrNull(), storageName)
const connection = new Connection(memory)
const elements = new Map()
/** Pixels of a newest reply that are shown at least. */
const PEEK = 140
let followedTo = -1

render({ isRestored: true })
memory.addEventListener('change', () => render({ isRestored: false }))
connection.addEventListener('state', showState)
globalThis.addEventListener('storage', ({ key }) => {
  if (key === storageName || key === null) memory.refresh()
})
composer.addEventListener('submit', event => {
  event.preventDefault()
  say(text.value)
})
connection.open()
// On a touch screen the keyboard would cover the conversation.
if (matchMedia('(hover: hover)').matches) text.focus()

function say(written) {
  const said = written.trim()
  if (said === '') return
  text.value = ''
  memory.addMessage({ frame: { kind: 'say', id: randomId(), text: said }, text: said })
}

function choose({ key, reply }, { id: option, label }) {
  if (memory.openKey !== key) return
  const frame = { kind: 'choose', id: randomId(), instance: reply.instance, option }
  memory.addMessage({ frame, text: label, answered: key })
  // The tapped button is disabled now and would take the focus with it.
  log.focus({ preventScroll: true })
}

function render({ isRestored }) {
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 120
  const isFollowed = wasAtEnd || log.scrollTop === followedTo
  const { bubbles, openKey } = memory
  const kept = new Set(bubbles.map(nameOf))
  for (const [name, element] of elements) {
    if (kept.has(name)) continue
    element.remove()
    elements.delete(name)
  }
  let isOwn = false
  let before = empty
  for (const bubble of bubbles) {
    const name = nameOf(bubble)
    if (!elements.has(name)) {
      const element = bubbleElement(bubble, choose)
      element.classList.toggle('new', !isRestored)
      elements.set(name, element)
      isOwn = bubble.role === 'message'
    }
    const element = elements.get(name)
    updateBubble(element, bubble, bubble.key === openKey)
    // One from another tab may belong between those that are here.
    if (element.previousElementSibling !== before) before.after(element)
    before = element
  }
  empty.hidden = bubbles.length > 0
  if (isRestored || isFollowed || isOwn) follow(bubbles)
}

/** To the end, but not past what was said last: long answers are read from their beginning. */
function follow(bubbles) {
  const topOf = bubble =>
    elements.get(nameOf(bubble)).getBoundingClientRect().top -
    log.getBoundingClientRect().top +
    log.scrollTop
  const own = bubbles.findLast(({ role }) => role === 'message')
  const newest = bubbles.at(-1)
  log.scrollTop =
    own === undefined
      ? log.scrollHeight
      : Math.max(topOf(own) - 12, topOf(newest) + PEEK - log.clientHeight)
  followedTo = log.scrollTop
}

function showState() {
  state.dataset.state = connection.state
  state.textContent = STATES[connection.state]
}

// `randomUUID` is missing on pages that do not come over TLS.
function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

function storageOrNull() {
  try {
    return globalThis.localStorage
  } catch {
    return null
  }
}
