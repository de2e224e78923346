import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Receipt } from '../../lib/channel/channel.ts'
import { pause } from '../../lib/kernel/clock.ts'
import type { JudgedFailure } from '../../lib/runtime/failure-context.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import type { Policy } from '../../lib/supervision/policy.ts'
import type { StoreFault } from '../../lib/testing/faulty-store.ts'
import { aWorld, type Process, turns, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { mostRuns, policies, quickened } from '../support/policies.ts'

const RUNS = Number(process.env['FAILURE_RUNS'] ?? 60)
const SEED = process.env['FAILURE_SEED']

/** How often deciding an event fails, 99 for always; then how long the next one waits. */
const messages = fc.array(
  fc.record({
    fails: fc.constantFrom(0, 0, 1, 2, 5, 99),
    restMs: fc.constantFrom(0, 0, 1, 400, 7_000)
  }),
  { minLength: 1, maxLength: 10 }
)
const faults: fc.Arbitrary<readonly StoreFault[]> = fc.constantFrom<readonly StoreFault[]>(
  [{ fail: 'before' }],
  [{ fail: 'after' }],
  [{ fail: 'before', code: 'CHP_STORE_REFUSED' }],
  [{ fail: 'before', code: 'CHP_STORE_DENIED' }],
  [{ fail: 'after', code: 'CHP_STORE_NOT_DURABLE' }],
  [{ delayMs: 800 }],
  [{ delayMs: 4_000 }],
  Array.from({ length: 8 }, () => ({ fail: 'before' as const })),
  Array.from({ length: 8 }, () => ({ fail: 'after' as const }))
)
const planned = fc.array(
  fc.record({
    call: fc.constantFrom('commit', 'commit', 'load', 'defer', 'acknowledged'),
    nth: fc.integer({ min: 1, max: 25 }),
    faults
  } as const),
  { maxLength: 8 }
)
const troubles = fc.record({
  planned,
  /** Before which commits another process writes to the conversation. */
  overtakes: fc.array(fc.boolean(), { maxLength: 30 }),
  /** The store answers nothing from this message on, for so long. */
  outage: fc.option(
    fc.record({ at: fc.nat({ max: 9 }), forMs: fc.constantFrom(300, 2_500, 9_000, 30_000) })
  ),
  /** Which resets fail, over and over. */
  resets: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 })
})

type Message = Readonly<{ fails: number; restMs: number }>
type Troubles = typeof troubles extends fc.Arbitrary<infer T> ? T : never

describe('any sequence of failures under any policy, on a store that fails as well', () => {
  it('ends every event once, in order, and counts no failure of the store', async () => {
    const seeded = SEED === undefined ? {} : { seed: Number(SEED) }
    await fc.assert(
      fc.asyncProperty(policies, messages, troubles, async (policy, sent, trouble) => {
        await new Life(quickened(policy), sent, trouble).lived()
      }),
      { numRuns: RUNS, ...seeded }
    )
  }).timeout(60_000 + RUNS * 500)
})

/** What became of an event in the store. */
interface End {
  readonly id: string
  readonly how: 'committed' | 'parked' | 'deferred'
}

class Life {
  readonly #world: World = aWorld()
  readonly #policy: Policy
  readonly #sent: readonly Message[]
  readonly #troubles: Troubles
  /** Failures of an event, how many commits had landed at the last, and all since it was sent. */
  readonly #failed = new Map<string, { landed: number; inARow: number; sinceSent: number }>()
  readonly #runs = new Map<string, number>()
  readonly #receipts = new Map<string, Receipt>()
  /** Shed at least once: it comes again behind others. */
  readonly #late = new Set<string>()
  readonly #amiss: string[] = []
  readonly #ended: Promise<void>[] = []
  #resets = 0

  constructor(policy: Policy, sent: readonly Message[], trouble: Troubles) {
    this.#policy = policy
    this.#sent = sent
    this.#troubles = trouble
  }

  async lived(): Promise<void> {
    const world = this.#world
    const process = await world.start({ bot: this.#bot(), policy: this.#policy })
    const rival = await world.start()
    process.runtime.on('failure', failed => this.#judged(failed))
    this.#overtaken(rival)
    for (const { call, nth, faults: wrong } of this.#troubles.planned)
      for (const [index, fault] of wrong.entries())
        world.store.plan(call, fault, { nth: nth + index })
    const all = this.#sent.map((_, index) => index)
    const ended = this.#ended
    for (const index of all) {
      if (this.#troubles.outage?.at === index) {
        const heal = process.cut()
        world.clock.after(this.#troubles.outage.forMs, heal)
      }
      ended.push(this.#delivered(process, `m${index}`))
      await world.pass(this.#sent[index]!.restMs)
    }
    // Who overtakes may be under way when those it has overtaken have ended.
    for (let known = 0; known < ended.length; ) {
      known = ended.length
      await this.#whileRunning(Promise.all(ended))
    }
    world.store.heal()
    await world.settle()
    await this.#accounted(process)
  }

  #bot() {
    return chainProgram({
      hook: (_state, { id }) => {
        const run = (this.#runs.get(id) ?? 0) + 1
        this.#runs.set(id, run)
        if (run > (this.#sent[Number(id.slice(1))]?.fails ?? 0)) return undefined
        this.#fails(id)
        throw new Error('planned')
      },
      onReset: () => {
        const { resets } = this.#troubles
        this.#resets += 1
        if (resets[this.#resets % resets.length] === true) throw new Error('planned')
      }
    })
  }

  /** Any commit of the conversation begins the count anew, and only a failure of the bot counts. */
  #fails(id: string): void {
    const { length: landed } = this.#world.landed
    const before = this.#failed.get(id) ?? { landed, inARow: 0, sinceSent: 0 }
    const inARow = before.landed === landed ? before.inARow + 1 : 1
    this.#failed.set(id, { landed, inARow, sinceSent: before.sinceSent + 1 })
    const most = mostRuns(this.#policy)
    if (inARow > most) this.#amiss.push(`${id} ran ${inARow} times in a row, at most ${most}`)
  }

  #judged({ tag, code, action, event, attempt, act, why }: JudgedFailure): void {
    if (tag !== 'Defect') {
      if (act !== 'retry') this.#amiss.push(`${code} of ${event.id} led to ${act}`)
      return
    }
    if (action !== 'decide') return
    const { sinceSent = 0 } = this.#failed.get(event.id) ?? {}
    if (attempt > sinceSent) this.#amiss.push(`run ${attempt} of ${event.id} of ${sinceSent}`)
    const resets = Number(/reset (\d+) within/.exec(why)?.[1] ?? 1) - 1
    const given = this.#world.landed.filter(({ parked }) => parked).length
    if (resets > given) this.#amiss.push(`${event.id} met ${resets} resets of ${given}`)
  }

  #overtaken(rival: Process): void {
    const { model } = this.#world
    const left = [...this.#troubles.overtakes]
    const commit = model.commit.bind(model)
    let written = 0
    const overtaking: ConversationStore['commit'] = async (id, asked) => {
      if (asked.head.startsWith('p0/') && left.pop() === true) {
        const delivered = this.#delivered(rival, `x${(written += 1)}`)
        this.#ended.push(delivered)
        await delivered
      }
      return commit(id, asked)
    }
    model.commit = overtaking
  }

  /** Sends a message until it is taken, as a provider does; what the bot spoils but once more. */
  async #delivered(process: Process, id: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.#failed.delete(id)
      const receipt = await process.say(id)
      this.#receipts.set(id, receipt)
      if (receipt.tag !== 'shed') return
      this.#late.add(id)
      if (tries >= (receipt.reason.startsWith('CHP_STORE') ? 60 : 2)) return
      await pause(this.#world.clock, receipt.retryAfterMs)
    }
  }

  async #whileRunning(ended: Promise<unknown>): Promise<void> {
    const { clock } = this.#world
    let isOver = false
    void ended.then(() => {
      isOver = true
    })
    for (let rounds = 0; !isOver; rounds += 1) {
      assert.ok(rounds < 50_000, 'the messages do not end')
      await turns(6)
      const next = clock.nextDueMs()
      if (!isOver && next !== null) clock.advanceTo(next)
    }
  }

  async #accounted(process: Process): Promise<void> {
    assert.deepEqual(this.#amiss, [])
    const ends = this.#ends()
    assert.equal(new Set(ends.map(({ id }) => id)).size, ends.length, 'an event ended twice')
    const found = new Map(ends.map(({ id, how }) => [id, how]))
    for (const [id, { tag }] of this.#receipts) {
      if (tag === 'shed') assert.equal(found.get(id), undefined, `${id} is shed`)
      else if (tag === 'duplicate') assert.ok(found.has(id), `${id} is lost`)
      else assert.equal(found.get(id), tag, id)
    }
    for (const { id } of ends) assert.ok(this.#receipts.has(id), `${id} came from nowhere`)
    const inOrder = [...found.keys()].filter(id => id.startsWith('m') && !this.#late.has(id))
    assert.deepEqual(inOrder, inOrder.toSorted(byNumber))
    const { id } = process.chat()
    const rows = await this.#world.model.parked(id)
    const parked = ends.filter(({ how }) => how === 'parked').map(end => end.id)
    assert.deepEqual(
      rows.map(row => (JSON.parse(row) as { id: string }).id),
      parked
    )
    // What the bot never failed on is never given up.
    for (const event of parked) assert.ok((this.#runs.get(event) ?? 0) > 0, event)
    for (const event of parked)
      assert.ok((this.#sent[Number(event.slice(1))]?.fails ?? 0) > 0, `${event} never failed`)
    const { inbox } = await this.#world.model.load(id)
    assert.equal(inbox.length, ends.filter(({ how }) => how === 'deferred').length)
  }

  #ends(): readonly End[] {
    return this.#world.landed.flatMap(({ causes, parked, appended }) =>
      causes.map((cause): End => {
        const id = cause.replace('deferred ', '')
        if (id !== cause || appended) return { id, how: 'deferred' }
        return { id, how: parked ? 'parked' : 'committed' }
      })
    )
  }
}

function byNumber(left: string, right: string): number {
  return Number(left.slice(1)) - Number(right.slice(1))
}
