import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import type { Violation } from '../../../lib/testing/event-log/verdict.ts'
import type { FailHouse } from './fail-house.ts'
import type { Talk } from './talk.ts'

/** What became of everything that members said, by what they and the outside service got. */
export interface Tally {
  readonly turns: number
  readonly messages: number
  readonly posts: number
  /** Acknowledged, not given up, and a reply to it never came. */
  readonly lost: readonly string[]
  /** Given up, for processes had ended in its runs: parked, and answered by an apology at most. */
  readonly parked: readonly string[]
  /** Texts that a member had got before, each under its one key. */
  readonly duplicates: readonly Duplicate[]
  /** Messages that took effect twice, calls made under two keys, first offers out of order. */
  readonly doubled: readonly string[]
  readonly violations: readonly Violation[]
}

/** A text that came again, and when. */
interface Duplicate {
  readonly user: string
  readonly text: string
  readonly atMs: number
}

/** Of replies as the bot words them: `<count> <id>`, `timer <id>`, `sorry <id>`, `ok {..}`. */
export async function tallied(house: FailHouse, talk: Talk): Promise<Tally> {
  const ends = await house.settled()
  const lines = [...house.events(), ...ends]
  const { violations, commits } = checkEventLog(lines, { idsAreGlobal: true, isHealed: true })
  const keys = keysByReply(lines)
  const texts = textsByUser(house, talk)
  const unanswered = lost(talk, texts)
  const parked = parkedIn(lines)
  const turns = commits - house.counted
  house.counted = commits
  return {
    turns,
    messages: talk.said.length,
    posts: talk.posts,
    lost: unanswered.filter(said => !parked.has(idOf(said))),
    parked: unanswered.filter(said => parked.has(idOf(said))),
    duplicates: duplicatesOf(house, texts),
    doubled: [
      ...[...texts].flatMap(([, heard]) => [...doubledIn(heard), ...outOfOrder(heard)]),
      ...doublePayments(house),
      ...[...keys].filter(([, of]) => of.size > 1).map(([reply]) => `two keys of ${reply}`)
    ],
    violations
  }
}

function textsByUser({ graph }: FailHouse, { said }: Talk): Map<string, string[]> {
  const texts = new Map<string, string[]>()
  const users = new Set(said.map(({ user }) => user))
  for (const { to, text } of graph.posted) {
    if (!users.has(to)) continue
    const known = texts.get(to) ?? []
    known.push(text)
    texts.set(to, known)
  }
  return texts
}

function duplicatesOf({ graph }: FailHouse, users: ReadonlyMap<string, unknown>): Duplicate[] {
  const known = new Set<string>()
  return graph.posted.flatMap(({ to: user, text, atMs }) => {
    const isNew = !known.has(`${user} ${text}`)
    known.add(`${user} ${text}`)
    return isNew || !users.has(user) ? [] : [{ user, text, atMs }]
  })
}

function lost({ said }: Talk, texts: ReadonlyMap<string, readonly string[]>): string[] {
  return said.flatMap(({ id, user, word }) => {
    const heard = new Set(texts.get(user))
    const numbered = [...heard].filter(text => new RegExp(`^\\d+ ${id}\\b`).test(text)).length
    const owed: Record<string, boolean> = {
      poison: heard.has(`sorry ${id}`),
      three: numbered === 3,
      'call pay': numbered === 1 && heard.has(`ok {"paid":"${id}"}`),
      remind: numbered === 1 && heard.has(`timer ${id}`)
    }
    const isHeard = word.startsWith('remind') ? owed['remind'] : owed[word]
    return (isHeard ?? numbered === 1) ? [] : [`${word} ${id}`]
  })
}

function idOf(said: string): string {
  return said.slice(said.lastIndexOf(' ') + 1)
}

/** Ids of messages that commits have parked, or whose timers they have (`<id>@<due>`). */
function parkedIn(lines: readonly string[]): Set<string> {
  const ids = lines.flatMap(line => {
    if (!line.includes('"parks":true')) return []
    const { took = [] } = JSON.parse(line) as { took?: readonly string[] }
    return took.slice(0, 1).map(event => idOf(event).replace(/@.*/, ''))
  })
  return new Set(ids)
}

/** The same message answered as two different ones in a row of the conversation. */
function doubledIn(heard: readonly string[]): string[] {
  const counts = new Map<string, Set<string>>()
  for (const text of new Set(heard)) {
    const [, count, id] = /^(\d+) (m\d+)/.exec(text) ?? []
    if (count === undefined || id === undefined) continue
    counts.set(id, (counts.get(id) ?? new Set()).add(count))
  }
  return [...counts].filter(([, of]) => of.size > 1).map(([id]) => `${id} taken twice`)
}

function outOfOrder(heard: readonly string[]): string[] {
  const counts = [...new Set(heard)].flatMap(text => /^\d+(?= m)/.exec(text) ?? []).map(Number)
  return counts.flatMap((count, at) =>
    count < (counts[at - 1] ?? 0) ? [`${count} first offered after ${counts[at - 1]}`] : []
  )
}

function doublePayments({ payments }: FailHouse): string[] {
  const keys = new Map<string, Set<string>>()
  for (const { id, key } of payments) keys.set(id, (keys.get(id) ?? new Set()).add(key))
  return [...keys].filter(([, of]) => of.size > 1).map(([id]) => `${id} paid twice`)
}

/** Every reply is unlike any other, so that its digest may have one key alone. */
function keysByReply(lines: readonly string[]): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>()
  for (const line of lines) {
    if (!line.includes('"out.offer"')) continue
    const { conv, digest, key } = JSON.parse(line) as Record<string, string>
    const reply = `${conv} ${digest}`
    keys.set(reply, (keys.get(reply) ?? new Set()).add(key ?? ''))
  }
  return keys
}
