import { isDeepStrictEqual } from 'node:util'
import type { StoredTexts } from '../../examples/ledger/transcript/store-home.ts'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { Program } from '../../lib/conversation/program.ts'
import type { Core } from '../../lib/conversation/record.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { keepingInvariants, withEachBroken } from './broken-invariants.ts'
import { DAMAGEABLE, type Damageable, damageable, type Talker } from './damaged-conversation.ts'
import { hitsRow, type Mutation, mutated, type Stored, withoutEach } from './mutations.ts'
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
  /** Damaged rows that were set aside, by what they were. */
  readonly setAside: Record<string, number>
  /** Rows that were whole went lost beside a damaged one. */
  readonly rowsLost: string[]
}

interface Subject {
  readonly user: string
  readonly place: Place
  readonly core: unknown
  readonly mutation: Mutation
  /** Texts of the replies that were not damaged and not delivered. */
  readonly owed: readonly string[]
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
        const choose: Choose = (id, stored) => mutated(id, stored, { random, nth: done + nth })
        await damage(place, choose, hitsRow(done + nth))
      }
    })
  }
  return tally
}

/** The same, leaving out each field of the record and of each row beside it once at each place. */
export function runWithoutEach(kind: keyof typeof DAMAGEABLE): Promise<Tally> {
  return runEach(kind, withoutEach)
}

/** The same, with each invariant of the bot broken once at each place. */
export function runBrokenInvariants(kind: keyof typeof DAMAGEABLE): Promise<Tally> {
  return runEach(kind, withEachBroken, keepingInvariants())
}

async function runEach(
  kind: keyof typeof DAMAGEABLE,
  all: (id: string, stored: Stored) => readonly Mutation[],
  bot: Partial<Program> = {}
): Promise<Tally> {
  const tally = emptyTally()
  const play: Play = async damage => {
    for (const place of PLACES) {
      let count = 1
      for (let nth = 0; nth < count; nth += 1) {
        const choose: Choose = (id, stored) => {
          const each = all(id, stored)
          count = each.length
          return each[nth] ?? null
        }
        await damage(place, choose, true)
      }
    }
  }
  await onGround(kind, tally, play, bot)
  return tally
}

/** Null: there is nothing of the kind to damage here. */
type Choose = (id: string, stored: Stored) => Mutation | null
/** With `waits`, a message waits for the payment where there is one. */
type Damage = (place: Place, choose: Choose, waits: boolean) => Promise<void>
type Play = (damage: Damage) => Promise<void>

async function onGround(
  kind: keyof typeof DAMAGEABLE,
  tally: Tally,
  play: Play,
  change: Partial<Program> = {}
): Promise<void> {
  const ground = await damageable(kind)
  let { bot, till } = payingBot(change)
  let first = await ground.start(bot)
  let isPaid = false
  const subjects: Subject[] = []
  let users = 0
  await play(async (place, choose, waits) => {
    if (place === 'paid' && !isPaid) {
      // Its till is opened, and must not answer the payments that others wait for.
      isPaid = true
      await first.stop()
      ;({ bot, till } = payingBot(change))
      first = await ground.start(bot)
    }
    const user = `u${users}`
    users += 1
    await ledTo(place, first, till, user)
    if (waits && place === 'paying') await first.say(`${user}-waits`, 'are you there?', user)
    const subject = await damagedSubject(ground, first, { user, place }, choose)
    if (subject !== null) subjects.push(subject)
  })
  await first.stop()
  // Past the lease of the first process, so that the second takes its open calls over.
  ground.clock.advanceTo(ground.clock.nowMs() + 15_000)
  const again = payingBot(change)
  again.till.open()
  const second = await ground.start(again.bot)
  for (const subject of subjects) await judge(second, subject, tally)
  await second.stop()
  await ground.remove()
}

/** Damages what is stored of a conversation as it is chosen; null where there is nothing to. */
async function damagedSubject(
  ground: Damageable,
  talker: Talker,
  { user, place }: Pick<Subject, 'user' | 'place'>,
  choose: Choose
): Promise<Subject | null> {
  const { id } = talker.chat(user)
  const last = talker.turns.findLast(({ conversation }) => conversation === id)
  const { record, undelivered, inbox, calls } = await talker.store.load(id)
  const rows = [...undelivered, ...inbox, ...calls].map(({ row }) => row)
  const mutation = choose(id, { text: record ?? '', rows })
  if (mutation === null) return null
  await ground.rewrite(id, stored => replaced(stored, record ?? '', mutation.text))
  if (mutation.row !== undefined) ground.spoil(mutation.row.from, mutation.row.to)
  const owed = undelivered.filter(({ row }) => row !== mutation.row?.from)
  const core = plainCore(last?.record.core)
  return { user, place, core, mutation, owed: owed.map(({ row }) => textIn(row)) }
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
    heldBack: [],
    setAside: {},
    rowsLost: []
  }
}

async function judge(talker: Talker, subject: Subject, tally: Tally): Promise<void> {
  const { user, place, core, mutation } = subject
  const { kind, whole, how, coreHit } = mutation
  const name = `${place} ${kind} ${whole ? 'whole' : 'broken'} ${how}`
  tally.mutations += 1
  tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1
  const { id } = talker.chat(user)
  const receipts: Receipt[] = []
  for (const message of ['x', 'y']) {
    receipts.push(await talker.say(`${user}-${message}`, 'help', user))
    await talker.settle()
  }
  await talker.wake(user)
  const { inbox, record, undelivered } = await talker.store.load(id)
  const held = inbox.find(({ why }) => why === 'future' || why === 'unreadable')?.why
  if (held === 'future' || held === 'unreadable') {
    tally.waiting[held] += 1
    const isRight = kind === 'future' || (whole && kind === 'bitFlip')
    if (!isRight || record !== mutation.text || inbox.length !== 2) tally.heldBack.push(name)
    return
  }
  if (isKeyNameHit(mutation)) {
    tally.waiting.unreadable += 1
    return
  }
  const turns = talker.turns.filter(({ conversation }) => conversation === id)
  const answered = ['x', 'y'].filter(message =>
    turns.some(({ cause, replies }) => cause === `${user}-${message}` && replies.length > 0)
  )
  if (answered.length < 2) tally.wedged.push(name)
  // A call that may have been done is let go of with its confirm, and its damaged row with it.
  await talker.say(`${user}-z`, 'menu', user)
  await talker.settle()
  const aside = talker.setAside.filter(({ conversation }) => conversation === id)
  for (const { what } of aside.flatMap(({ rows }) => rows)) {
    tally.setAside[what] = (tally.setAside[what] ?? 0) + 1
  }
  const left = undelivered.map(({ row }) => textIn(row))
  const said = [...receipts.flatMap(textsOf), ...left]
  if (subject.owed.some(text => !said.includes(text))) tally.rowsLost.push(name)
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

/** What a reply row says; of a damaged one, nothing. */
function textIn(row: string): string {
  return /"text":"((?:[^"\\]|\\.)*)"/.exec(row)?.[1] ?? ''
}

function textsOf(receipt: Receipt): readonly string[] {
  return 'replies' in receipt ? receipt.replies.map(reply => textIn(JSON.stringify(reply))) : []
}

/** A row whole by its checksum that names a key which is not here: it waits for that. */
function isKeyNameHit({ row, whole }: Mutation): boolean {
  if (row === undefined || !whole) return false
  const sealed = /"input":"([^"]*)"/.exec(row.to)?.[1] ?? row.to
  return /^[\w-]{1,32}\./.test(sealed) && !sealed.startsWith('store.')
}
