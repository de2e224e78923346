import type { Receipt } from '../../../lib/channel/channel.ts'
import { judge, type Miss } from './checks.ts'
import { contentOf } from './content-of.ts'
import { judgeEnd } from './final-checks.ts'
import type { Transcript } from './form.ts'
import type { Entry } from './form-entry.ts'
import { type Look, lookOfState } from './look.ts'
import { moveTo, settle } from './pump.ts'
import { type Stage, World } from './world.ts'

/**
 * Plays one case on the real runtime under a simulated clock and answers everything that was not as
 * expected; nothing when the case holds. Only the channel is a recorder.
 *
 * Rejects only when the case cannot be played at all.
 */
export async function play(transcript: Transcript, stage: Stage): Promise<readonly Miss[]> {
  const world = await World.of(transcript, stage)
  try {
    return await new Player(transcript, world).play()
  } finally {
    await world.close()
  }
}

/** Entries handed in together, by their places. */
type Group = readonly number[]

class Player {
  readonly #case: Transcript
  readonly #world: World
  readonly #looks = new Map<number, Look>()
  /** What a restart found, for the case that others handed in with it change that. */
  readonly #startLooks = new Map<number, Look>()
  readonly #receipts = new Map<number, Receipt>()
  readonly #misses: Miss[] = []

  constructor(transcript: Transcript, world: World) {
    this.#case = transcript
    this.#world = world
  }

  async play(): Promise<readonly Miss[]> {
    const { given, messages, final } = this.#case
    const world = this.#world
    const startMs = world.clock.nowMs()
    world.meet(given.channel.user)
    await world.start()
    await this.#settle([0])
    for (const group of groupsOf(messages)) {
      world.causes.play(group)
      await moveTo(world, startMs + messages[group[0]!]!.at)
      for (const index of group) await this.#handIn(index, group)
      await this.#settle(group)
      for (const index of group) await this.#lookAfter(index, group)
      for (const index of group) this.#judge(index)
    }
    const ended = judgeEnd(final, {
      effects: this.#sums(messages.length - 1).effects,
      offers: world.ledger.log().offers,
      asked: world.door.asked,
      indicesOf: id => world.causes.indicesOf(id),
      logged: texts => world.log.found(texts)
    })
    return [...this.#misses, ...ended]
  }

  async #handIn(index: number, group: Group): Promise<void> {
    const entry = this.#case.messages[index]!
    const world = this.#world
    if (!('event' in entry)) {
      const content = contentOf(entry, this.#promptOf('of' in entry ? entry.of : null))
      const receipt = world.receive(this.#userOf(entry), entry.id, content)
      void receipt?.then(taken => this.#receipts.set(index, taken))
      return
    }
    switch (entry.event) {
      case 'restart':
        return this.#restart(index, group)
      case 'core': {
        const done = await world.ledger.control(entry.do)
        if (done._tag === 'Left') this.#miss(index, 'the event', entry.do, done.left.join('; '))
        return
      }
      case 'corruptLatestSnapshot':
      case 'corruptAllSnapshots':
        return world.damage(this.#userOf(entry), entry)
    }
  }

  async #restart(index: number, group: Group): Promise<void> {
    const world = this.#world
    await world.kill()
    for (const before of group.filter(one => one < index)) {
      if (this.#case.expect[before]?.settled === false) await this.#keepStored(before)
    }
    world.causes.restarted(index)
    await world.startAgain()
    // Nothing can be handed to a process that is still starting; starting may take simulated time.
    const { clock, traffic } = world
    const underWay = () => Promise.resolve(world.starting ? ['start'] : [])
    await settle({ clock, traffic, underWay })
    await this.#keepStored(index, this.#startLooks)
  }

  async #settle(group: Group): Promise<void> {
    const index = group.at(-1)!
    try {
      const hung = this.#misses.some(({ what }) => what === 'settling')
      const waiting = await settle(this.#world, { hung })
      if (waiting.length > 0) this.#miss(index, 'settling', 'an end', waiting)
    } catch (error) {
      this.#miss(index, 'settling', 'an end', error instanceof Error ? error.message : 'failure')
    }
  }

  /** Keeps what the entry left: what is stored, or among several the state after its last turn. */
  async #lookAfter(index: number, group: Group): Promise<void> {
    if (this.#looks.has(index)) return
    const { program, running, sightings } = this.#world
    const entry = this.#case.messages[index]!
    const isLastEvent = 'event' in entry && index === group.at(-1)
    const isStored = group.length === 1 || !running || isLastEvent
    const state = isStored ? null : sightings.stateAfter(index, this.#userOf(entry))
    const early = isStored ? undefined : this.#startLooks.get(index)
    if (state !== null && program !== null) this.#looks.set(index, lookOfState(program, state))
    else if (early !== undefined) this.#looks.set(index, early)
    else await this.#keepStored(index)
  }

  async #keepStored(index: number, kept = this.#looks): Promise<void> {
    const user = this.#userOf(this.#case.messages[index]!)
    kept.set(index, await this.#world.look(user))
  }

  #judge(index: number): void {
    const { sightings } = this.#world
    const findings = judge(this.#case.expect[index]!, {
      look: this.#looks.get(index)!,
      taken: sightings.takenOf(index),
      supervision: sightings.supervisionOf(index),
      ...this.#sums(index)
    })
    for (const { what, expected, seen } of findings) this.#miss(index, what, expected, seen)
    const receipt = this.#receipts.get(index)
    if (findings.length > 0 && receipt?.tag === 'shed') {
      this.#miss(index, 'the receipt', 'taken', receipt)
    }
  }

  /** What was asked of the ledger and changed in it by the entries up to this one. */
  #sums(index: number) {
    const calls: Record<string, number> = {}
    const effects: Record<string, number> = {}
    for (const asked of this.#world.door.asked) {
      if (asked.entry > index) continue
      calls[asked.endpoint] = (calls[asked.endpoint] ?? 0) + 1
      for (const [effect, count] of Object.entries(asked.effects)) {
        effects[effect] = (effects[effect] ?? 0) + count
      }
    }
    return { calls, effects }
  }

  /** The prompt instance of the last reply with options of an entry, else the one it left open. */
  #promptOf(id: string | null): string | null {
    if (id === null) return null
    const { causes, sightings } = this.#world
    const indices = [...causes.indicesOf(id)].reverse()
    const shown = indices
      .flatMap(index => [...sightings.takenOf(index)].reverse())
      .map(({ reply }) => ('instance' in reply ? reply.instance : null))
      .find(instance => instance !== null)
    return shown ?? indices.map(index => this.#looks.get(index)?.prompt).find(Boolean) ?? null
  }

  #userOf(entry: Entry): string {
    return ('from' in entry ? entry.from : undefined) ?? this.#case.given.channel.user
  }

  #miss(index: number, what: string, expected: unknown, seen: unknown): void {
    const entry = this.#case.messages[index]
    const name = entry === undefined ? 'the start' : `${entry.id} (messages.${index})`
    this.#misses.push({ entry: name, what, expected, seen })
  }
}

function groupsOf(messages: readonly Entry[]): readonly Group[] {
  const groups: number[][] = []
  messages.forEach(({ at }, index) => {
    const together = index > 0 && messages[index - 1]!.at === at
    if (together) groups.at(-1)!.push(index)
    else groups.push([index])
  })
  return groups
}
