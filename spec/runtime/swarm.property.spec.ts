import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { CallDefinition, Program } from '../../lib/conversation/program.ts'
import { pause } from '../../lib/kernel/clock.ts'
import { fullJitterMs, type Random, seededRandom } from '../../lib/kernel/random.ts'
import { aWorld, type Landed, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'

const CALLS = ['commit', 'load', 'defer', 'acknowledged', 'settleDue', 'claimDue', 'time'] as const
const WORDS = ['hi', 'hi', 'call pay', 'read pay', 'detach', 'remind 3000', 'cancel', 'say 3']

/** Everything that may go wrong, drawn from one seed; `isCalm` ends it. */
class Weather {
  readonly #random: Random
  isCalm = false

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  chance(share: number): boolean {
    return !this.isCalm && this.#random.fraction() < share
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random.fraction() * from.length)]!
  }

  upTo(most: number): number {
    return fullJitterMs(this.#random, { initialMs: most, maxMs: most, factor: 1 }, 0)
  }
}

interface Story {
  readonly world: World
  readonly weather: Weather
  readonly processes: Process[]
  readonly receipts: { readonly id: string; readonly receipt: Promise<Receipt> }[]
}

function bot({ clock }: World, weather: Weather): Program {
  const pay: CallDefinition = {
    name: 'pay',
    effect: true,
    input: t.unknown,
    outcomes: { ok: t.unknown },
    attempts: 3,
    timeoutMs: 2_000,
    run: () => async () => {
      if (weather.chance(0.1)) return new Promise(() => undefined)
      if (weather.chance(0.7)) await pause(clock, weather.upTo(3_000))
      if (weather.chance(0.1)) throw new Error('planned')
      if (weather.chance(0.2)) return E.left({ tag: 'unavailable', detail: 'planned' })
      return E.right({ outcome: 'ok', output: 1 })
    }
  }
  return chainProgram({
    calls: { pay },
    progressAfterMs: 1_500,
    hook: ({ calls }, { id }) => {
      // Some messages are poison as soon as nothing is awaited, so that they also wait in inboxes.
      if (/^m\d*7$/.test(id) && !calls.some(({ attached }) => attached)) throw new Error('poison')
      if (weather.chance(0.06)) throw new Error('planned')
      return undefined
    }
  })
}

async function born({ world, weather, processes }: Story, index: number): Promise<void> {
  const process = world.made({ bot: bot(world, weather), instance: `p${index}`, limits: LIMITS })
  process.channel.answer = () => {
    if (weather.chance(0.05)) return new Promise(() => undefined)
    if (weather.chance(0.1)) return { tag: 'later', afterMs: 0, why: 'planned' }
    if (weather.chance(0.05)) throw new Error('planned')
    return SENT
  }
  processes[index] = process
  for (let tries = 0; tries < 100 && !process.runtime.ready; tries += 1) {
    // As whatever watches over a process does: what cannot start is started again.
    await until(world.clock, process.runtime.start()).catch(() => world.pass(1_000))
  }
}

const LIMITS = { liveConversations: 3, mailboxEvents: 8, inboxRowsPerCommit: 3 }

async function played(story: Story, moves: number): Promise<void> {
  const { world, weather, processes, receipts } = story
  for (let move = 0; move < moves; move += 1) {
    const index = weather.pick([0, 1])
    if (weather.chance(0.04)) {
      processes[index]?.kill()
      await born(story, index)
    }
    if (weather.chance(0.25)) {
      const fail = weather.pick(['before', 'after'] as const)
      const times = weather.pick([1, 1, 2, 30])
      world.store.plan(weather.pick(CALLS), { fail }, { nth: 1 + weather.upTo(4), times })
    }
    if (weather.chance(0.4)) {
      const delayMs = weather.pick([1, 20, 300, 2_500])
      const call = weather.pick(['commit', 'defer', 'load'] as const)
      world.store.plan(call, { delayMs }, { nth: 1 + weather.upTo(3) })
    }
    const again = weather.chance(0.15)
      ? weather.pick(receipts.length > 0 ? receipts : [null])
      : null
    const id = again?.id ?? `m${move}`
    const user = `u${Number(id.slice(1)) % 4}`
    receipts.push({ id, receipt: processes[index]!.say(id, weather.pick(WORDS), user) })
    if (weather.chance(0.5)) await world.pass(weather.pick([0, 1, 5, 100, 900, 5_000, 12_000]))
  }
}

async function lived(seed: number): Promise<Story> {
  const weather = new Weather(seed)
  const story: Story = { world: aWorld(), weather, processes: [], receipts: [] }
  for (const index of [0, 1]) await born(story, index)
  await played(story, 45)
  weather.isCalm = true
  story.world.store.heal()
  await story.world.pass(150_000)
  await story.world.settle()
  return story
}

describe('conversations in any weather', () => {
  it('keep every promise: kills, lost answers, poison, hung calls and two processes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const story = await lived(seed)
        for (const user of ['u0', 'u1', 'u2', 'u3']) await judged(story, user)
        for (const process of story.processes) {
          const idle = { events: 0, calls: 0, sends: 0, acknowledgements: 0 }
          assert.deepEqual(process.runtime.activity(), idle)
        }
      }),
      { numRuns: 15 }
    )
  }).timeout(60_000)
})

async function judged({ world, processes, receipts }: Story, user: string): Promise<void> {
  const { id } = processes[0]!.chat(user)
  const rows = world.landed.filter(({ conversation }) => conversation === id)
  const history = rows.flatMap(({ causes }) => causes)
  const effects = history.filter(cause => !cause.startsWith('deferred '))
  assert.deepEqual(
    rows.map(({ version }) => version),
    rows.map((_, index) => index + 1),
    'versions without a gap'
  )
  const decided = effects.filter((cause, at) => !isProgress(rows, effects, cause, at))
  assert.equal(new Set(decided).size, decided.length, `each event once: ${decided.join(' ')}`)
  await acknowledgedAreKept(receipts, user, history)
  if (rows.length === 0) return
  const stored = await world.model.load(id)
  assert.deepEqual(
    { inbox: stored.inbox, calls: stored.calls, undelivered: stored.undelivered },
    { inbox: [], calls: [], undelivered: [] }
  )
  const { data } = (await processes[0]!.chat(user).inspect()) ?? {}
  assert.equal(data?.['chain'], chainOfHistory(rows), 'the state is the fold of its history')
  const offers = world.offers.filter(({ conversation }) => conversation === id)
  const firsts = [...new Set(offers.map(({ sequence }) => sequence))]
  assert.deepEqual(
    firsts,
    firsts.map((_, index) => index + 1),
    'first offers in order, none left out'
  )
  for (const { storedVersion, text, key } of offers) {
    assert.ok(storedVersion > 0)
    assert.ok(offers.every(other => other.key !== key || other.text === text))
  }
}

// A commit that only tells of progress names its event, which is decided when its row is taken.
function isProgress(
  rows: readonly Landed[],
  effects: readonly string[],
  cause: string,
  at: number
): boolean {
  return progressOf(rows).has(cause) && effects.indexOf(cause) === at
}

function progressOf(rows: readonly Landed[]): Set<string> {
  return new Set(rows.filter(({ appended }) => appended).map(({ causes }) => causes[0]!))
}

async function acknowledgedAreKept(
  receipts: Story['receipts'],
  user: string,
  history: readonly string[]
): Promise<void> {
  for (const { id, receipt } of receipts) {
    if (`u${Number(id.slice(1)) % 4}` !== user) continue
    const ended = await Promise.race([receipt, Promise.resolve(null)])
    // A process that was killed answers nobody.
    if (ended === null || ended.tag === 'shed') continue
    assert.ok(history.includes(id) || history.includes(`deferred ${id}`), `${id} ${ended.tag}`)
  }
}

function chainOfHistory(rows: readonly Landed[]): string {
  const origins = new Map<string, string>()
  let links: string[] = []
  for (const { causes, parked, opened, appended } of rows) {
    for (const [at, cause] of causes.entries()) {
      if (cause.startsWith('deferred ') || appended) continue
      const key = cause.endsWith('.settled') ? cause.slice(0, -'.settled'.length) : null
      const word = key === null ? cause : `settled ${origins.get(key)}`
      if (at === 0 && parked) links = [`reset ${cause}`]
      else links.push(word)
    }
    if (opened !== null) origins.set(opened, causes.at(-1)!)
  }
  return foldOf(links)
}
