import type { Address } from '../../conversation/address.ts'
import type { Content } from '../../conversation/content.ts'
import type { Screens } from './outside.ts'
import type { Weather } from './weather.ts'

/** One thing a member will do. */
export interface Utterance {
  readonly user: string
  readonly id: string
  readonly atMs: number
  readonly word: string
}

/** What members say to the chain program. */
export const CHAIN_WORDS = [
  'hi',
  'hi',
  'hi',
  'call pay',
  'call pay',
  'read look',
  'detach',
  'remind 700',
  'remind 4000',
  'remind 9000',
  'cancel',
  'say 3',
  'silent'
]
/** What members say to the form; `tap` is a tap on what is on the screen. */
export const FORM_WORDS = ['hi', 'menu', '5', '12', 'tap', 'tap', 'tap', 'tap', 'bob', 'nonsense']

/** What is no member's word: the host tells the conversation something. */
const HOST_WORD = 'told by the host'

/** How long members go on writing, in ms. */
export const TALK_MS = 40_000
/** When the faults are over, in ms. */
export const CALM_MS = 50_000

/** Everything that members will say, drawn up front; `drop` leaves single ones out by place. */
export function utterances(
  weather: Weather,
  words: readonly string[],
  drop: ReadonlySet<number>
): { readonly said: readonly Utterance[]; readonly drawn: number } {
  const users = weather.between('members', 3, 5)
  const said: Utterance[] = []
  for (let user = 0; user < users; user += 1) {
    const count = weather.between('members', 5, 12)
    for (let nth = 0; nth < count; nth += 1) {
      const atMs = weather.between('members', 0, TALK_MS)
      const id = `u${user}-m${nth}`
      said.push({ user: `u${user}`, id, atMs, word: weather.pick('members', words) })
    }
  }
  if (weather.strikes('flood')) said.push(...flooded(weather))
  said.push(...reminded(weather, words))
  said.push(...toldBy(weather, users))
  said.push(...returning(weather, users))
  const kept = said.filter((_, index) => !drop.has(index))
  return { said: kept.toSorted((one, other) => one.atMs - other.atMs), drawn: said.length }
}

/** After the faults: an early timer beside a late one must not wait for the late one. */
function reminded(weather: Weather, words: readonly string[]): Utterance[] {
  if (!words.includes('remind 700')) return []
  const id = 'u1-late'
  const atMs = CALM_MS + weather.between('reminders', 500, 3_000)
  return [
    { user: 'u1', id: `${id}-1`, atMs, word: 'remind 40000' },
    { user: 'u1', id: `${id}-2`, atMs: atMs + 2_000, word: 'remind 700' }
  ]
}

/** The host speaks first now and then. */
function toldBy(weather: Weather, users: number): Utterance[] {
  const told: Utterance[] = []
  for (let nth = 0; nth < 6; nth += 1) {
    const user = `u${weather.between('told', 0, users - 1)}`
    const atMs = weather.between('told', 1_000, TALK_MS)
    if (weather.strikes('tell')) told.push({ user, id: `${user}-t${nth}`, atMs, word: HOST_WORD })
  }
  return told
}

/** What stands in the place of a damaged state is for somebody who writes: so everybody does. */
function returning(weather: Weather, users: number): Utterance[] {
  if (!weather.has('damage')) return []
  return Array.from({ length: users }, (_, user) => ({
    user: `u${user}`,
    id: `u${user}-back`,
    atMs: CALM_MS + weather.between('back', 500, 2_000),
    word: 'hi'
  }))
}

/** Where a member writes: on a channel that sends, or to a host that answers by receipts. */
export function addressOf(weather: Weather, user: string): Address {
  const isByReceipt = weather.has('byReceipt') && Number(user.slice(1)) % 2 === 1
  return { channel: isByReceipt ? 'host' : 'chan', account: 'a', user }
}

function flooded(weather: Weather): Utterance[] {
  const atMs = weather.between('flood at', 5_000, TALK_MS - 5_000)
  const count = weather.between('flood at', 20, 45)
  return Array.from({ length: count }, (_, nth) => ({
    user: 'u0',
    id: `u0-f${nth}`,
    atMs: atMs + Math.floor(nth / 8),
    word: 'hi'
  }))
}

/** Part of every text that a member writes; it may stand in no line of any log. */
export const CANARY = 'sesame'

/**
 * What a member sends: a tap goes to whatever prompt is on the screen, or is only a text. Null for
 * what the host tells.
 */
export function contentOf(
  { user, word }: Utterance,
  screens: Screens,
  weather: Weather
): Content | null {
  if (word === HOST_WORD) return null
  const shown = screens.get(user)
  if (word !== 'tap' || shown === undefined || shown.options.length === 0) {
    return { kind: 'text', text: word === 'nonsense' ? `${CANARY} ${word}` : word }
  }
  return { kind: 'choice', instance: shown.instance, option: weather.pick('taps', shown.options) }
}
