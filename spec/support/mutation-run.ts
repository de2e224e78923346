import { isDeepStrictEqual } from 'node:util'
import type { StoredTexts } from '../../examples/ledger/transcript/store-home.ts'
import type { Core } from '../../lib/conversation/record.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { DAMAGEABLE, damageable, type Talker } from './damaged-conversation.ts'
import { type Mutation, mutated, withoutEach } from './mutations.ts'
import { ledTo, PLACES, type Place, payingBot } from './paying-bot.ts'

/** What became of damaged conversations; lists hold what was done to those that went wrong. */
export interface Tally {
  mutations: number
  readonly kinds: Record<string, number>
  /** Came back on this rung; 1 for a change that the record outlived. */
  readonly rungs: Record<number, number>
  /** Wait for a newer build or a key, untouched. */
  readonly waiting: Record<'future' | 'unreadable', number>
  /** Of the two next messages one was not answered. */
  readonly wedged: string[]
  /** The core is another although its own bytes were not hit. */
  readonly coreLost: string[]
  /** The bytes of the core itself were hit, and it is another. */
  coreDamaged: number
  /** Held back, although neither a newer build nor a key could help. */
  readonly heldBack: string[]
}

interface Subject {
  readonly user: string
  readonly place: Place
  readonly core: unknown
  readonly mutation: Mutation
}

/** Conversations damaged on one store at a time: few enough for their open payments all to run. */
const BATCH = 600

/**
 * Damages the newest record of conversations at all places, each in its own way drawn by the seed,
 * and hands two messages to each in another process.
 */
export async function runMutations(
  kind: keyof typeof DAMAGEABLE,
  { count, seed }: { readonly count: number; readonly seed: number }
): Promise<Tally> {
  const tally = emptyTally()
  const random = seededRandom(seed)
  for (let done = 0; done < count; done += BATCH) {
    const size = Math.min(BATCH, count - done)
    await onGround(kind, tally, async damage => {
      for (let nth = 0; nth < size; nth += 1) {
        // In order of places: a till that was opened stays so, whoever has paid comes last.
        const place = PLACES[Math.floor((nth * PLACES.length) / size)]!
        await damage(place, (id, text) => mutated(id, text, { random, nth: done + nth }))
      }
    })
  }
  return tally
}

/** The same, leaving out each field of the record once at each place. */
export async function runWithoutEach(kind: keyof typeof DAMAGEABLE): Promise<Tally> {
  const tally = emptyTally()
  await onGround(kind, tally, async damage => {
    for (const place of PLACES) {
      let count = 1
      for (let nth = 0; nth < count; nth += 1) {
        await damage(place, (id, text) => {
          const each = withoutEach(id, text)
          count = each.length
          return each[nth]!
        })
      }
    }
  })
  return tally
}

type Damage = (place: Place, choose: (id: string, text: string) => Mutation) => Promise<void>

async function onGround(
  kind: keyof typeof DAMAGEABLE,
  tally: Tally,
  play: (damage: Damage) => Promise<void>
): Promise<void> {
  const ground = await damageable(kind)
  const { bot, till } = payingBot()
  const first = await ground.start(bot)
  const subjects: Subject[] = []
  await play(async (place, choose) => {
    const user = `u${subjects.length}`
    await ledTo(place, first, till, user)
    const { id } = first.chat(user)
    const last = first.turns.findLast(({ conversation }) => conversation === id)
    const { record } = await first.store.load(id)
    const mutation = choose(id, record ?? '')
    await ground.rewrite(id, stored => replaced(stored, record ?? '', mutation.text))
    subjects.push({ user, place, core: plainCore(last?.record.core), mutation })
  })
  await first.stop()
  // Past the lease of the first process, so that the second takes its open calls over.
  ground.clock.advanceTo(ground.clock.nowMs() + 15_000)
  const again = payingBot()
  again.till.open()
  const second = await ground.start(again.bot)
  for (const subject of subjects) await judge(second, subject, tally)
  await second.stop()
  await ground.remove()
}

function emptyTally(): Tally {
  return {
    mutations: 0,
    kinds: {},
    rungs: {},
    waiting: { future: 0, unreadable: 0 },
    wedged: [],
    coreLost: [],
    coreDamaged: 0,
    heldBack: []
  }
}

async function judge(talker: Talker, subject: Subject, tally: Tally): Promise<void> {
  const { user, place, core, mutation } = subject
  const { kind, whole, how, coreHit } = mutation
  const name = `${place} ${kind} ${whole ? 'whole' : 'broken'} ${how}`
  tally.mutations += 1
  tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1
  const { id } = talker.chat(user)
  for (const message of ['x', 'y']) {
    await talker.say(`${user}-${message}`, 'help', user)
    await talker.settle()
  }
  await talker.wake(user)
  const { inbox, record } = await talker.store.load(id)
  const held = inbox.find(({ why }) => why === 'future' || why === 'unreadable')?.why
  if (held === 'future' || held === 'unreadable') {
    tally.waiting[held] += 1
    const isRight = kind === 'future' || (whole && kind === 'bitFlip')
    if (!isRight || record !== mutation.text || inbox.length !== 2) tally.heldBack.push(name)
    return
  }
  const turns = talker.turns.filter(({ conversation }) => conversation === id)
  const answered = ['x', 'y'].filter(message =>
    turns.some(({ cause, replies }) => cause === `${user}-${message}` && replies.length > 0)
  )
  if (answered.length < 2) tally.wedged.push(name)
  const rung = talker.recovered.find(({ conversation }) => conversation === id)?.rung ?? 1
  tally.rungs[rung] = (tally.rungs[rung] ?? 0) + 1
  if (isDeepStrictEqual(plainCore(turns[0]?.record.core), core)) return
  if (coreHit) tally.coreDamaged += 1
  else tally.coreLost.push(`${name}, rung ${rung}`)
}

/** A core as plain data, its token revealed; without the cache, which the next call may change. */
function plainCore(core: Core | undefined): unknown {
  if (core === undefined) return undefined
  const { channel, locale, member, account, token } = core
  return { channel, locale, member, account, token: token?.value.reveal() ?? null }
}

function replaced({ records, history }: StoredTexts, from: string, to: string): StoredTexts {
  return {
    records: records.map(text => (text === from ? to : text)),
    history: history.map(text => {
      const blank = text.indexOf(' ')
      const row = JSON.parse(text.slice(blank + 1)) as { readonly full?: string }
      if (row.full !== from) return text
      return `${text.slice(0, blank)} ${JSON.stringify({ ...row, full: to })}`
    })
  }
}
