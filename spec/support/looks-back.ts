import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Receipt } from '../../lib/channel/channel.ts'
import { systemRandom } from '../../lib/kernel/random.ts'
import type { HistoryLine } from '../../lib/ops/history.ts'
import { type Operator, openOperator, operatorOf } from '../../lib/ops/operator.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { TurnTrace } from '../../lib/runtime/trace.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { payingBot } from './paying-bot.ts'

const ADDRESS = { channel: 'host', account: 'a', user: 'ada' } as const
const ring = keyRing({ active: 'k', keys: { k: systemRandom.bytes(32) }, random: systemRandom })

/** A conversation of thirty versions: at the tenth, a handle was asked for and refused once. */
interface Walked {
  readonly runtime: Runtime
  readonly ops: Operator
  readonly turns: TurnTrace[]
  /** What `inspect` showed at each version. */
  readonly shown: ReadonlyMap<number, Inspection>
  say(said: string | { instance: string; option: string }, id?: string): Promise<Receipt>
  inspect(): Promise<Inspection>
}

/** Specs of an operator after thirty turns, on any store; `open` is asked for each process. */
export function looksBack(open: () => ConversationStore): void {
  let walked: Walked
  before(async () => {
    walked = await thirtyVersions(open())
  })
  after(() => walked.runtime.stop())
  const now = (): Walked => walked
  reads(now)
  goesBack(now)
  undoes(now, open)
}

function reads(walk: () => Walked): void {
  it('lists every version with from, to, cause and time', async () => {
    const walked = walk()
    const page = await walked.ops.history(ADDRESS, { limit: 100 })

    assert.ok(page.tag === 'history')
    assert.deepEqual(
      page.lines.map(({ version }) => version),
      Array.from({ length: 30 }, (_, index) => 30 - index)
    )
    for (const [index, { from, to, causes, at, version }] of page.lines.entries()) {
      const older: HistoryLine | undefined = page.lines[index + 1]
      const turn = walked.turns.find(taken => taken.version === version)
      assert.ok(turn !== undefined && at !== null)
      const { event, record } = turn
      assert.equal(to, `${record.flow.flow}.${record.flow.step}`)
      assert.deepEqual(causes, [{ kind: event.kind, id: event.id }])
      assert.equal(from, older?.to ?? 'none')
      assert.ok(at >= (older?.at ?? 0))
    }
  })

  it('shows the fifth version, and commits nothing by that', async () => {
    const walked = walk()
    const before = await walked.inspect()

    const view = await walked.ops.viewAt(ADDRESS, 5)

    assert.ok(view.tag === 'view')
    const { data, prompt, validation, core } = await shownAt(walked, 5)
    const { flow } = view.record
    assert.deepEqual(flow.data, data)
    assert.deepEqual(flow.prompt, prompt)
    assert.equal(flow.validation.attempts, validation.attempts)
    assert.deepEqual(view.record.core, core)
    assert.deepEqual(await walked.inspect(), before)
  })

  it('redacts differences', async () => {
    const walked = walk()
    const diff = await walked.ops.diff(ADDRESS, 1, 10)

    assert.ok(diff.tag === 'diff' && diff.patch.length > 3)
    assert.doesNotMatch(JSON.stringify(diff), /token-of-ada/)
    assert.match(JSON.stringify(diff), /\[redacted\]/)
  })
}

function goesBack(walk: () => Walked): void {
  it('goes back to the tenth, keeping core, epoch, dedupe and the first time', async () => {
    const walked = walk()
    const before = await walked.inspect()
    const then = await shownAt(walked, 10)

    const done = await walked.ops.rollback(ADDRESS, 10, { by: 'eve', reason: 'lost', id: 'op1' })

    assert.deepEqual(done, {
      tag: 'rolledBack',
      conversation: before.conversation,
      version: 31,
      to: 10
    })
    const after = await walked.inspect()
    assert.deepEqual([after.flow, after.step, after.data], [then.flow, then.step, then.data])
    assert.equal(after.validation.attempts, 1)
    assert.deepEqual(after.core, before.core)
    assert.equal(tokenOf(walked), 'token-of-ada')
    assert.equal(after.initializedAt, before.initializedAt)
    assert.notEqual(after.prompt?.instance, then.prompt?.instance)
    assert.deepEqual(after.updatedBy, { kind: 'OperatorCommand', id: 'op1' })
    const again = await walked.ops.rollback(ADDRESS, 10, { by: 'eve', reason: 'lost', id: 'op1' })
    assert.equal(again.tag, 'duplicate')
    assert.equal((await walked.say('12', 'm3')).tag, 'duplicate')
    assert.equal((await walked.inspect()).version, 31)
  })

  it('tells in the history who did it, why and from where', async () => {
    const walked = walk()
    const page = await walked.ops.history(ADDRESS, { limit: 1 })

    assert.ok(page.tag === 'history')
    const [line] = page.lines
    assert.deepEqual(line?.notes[0], {
      kind: 'rolledBack',
      version: 10,
      by: 'eve',
      reason: 'lost',
      acrossEffects: false
    })
    assert.deepEqual([line.from, line.to], ['payment.handle', 'payment.handle'])
    assert.deepEqual(line.causes, [{ kind: 'OperatorCommand', id: 'op1' }])
  })
}

function undoes(walk: () => Walked, open: () => ConversationStore): void {
  it('undoes that by going back to the version before it', async () => {
    const walked = walk()
    const before = await shownAt(walked, 30)

    const undone = await walked.ops.rollback(ADDRESS, 30, { by: 'eve', reason: 'a mistake' })

    assert.ok(undone.tag === 'rolledBack' && undone.version === 32)
    const { flow, step, data, core, initializedAt } = await walked.inspect()
    assert.deepEqual([flow, step, data], [before.flow, before.step, before.data])
    assert.deepEqual([core, initializedAt], [before.core, before.initializedAt])
  })

  it('does the same from a second process, which sees the last commit', async () => {
    const walked = walk()
    const ops = await openOperator({ bot: payingBot().bot, store: open(), keys: ring })
    assert.deepEqual(await ops.inspect(ADDRESS), await walked.inspect())

    const done = await ops.rollback(ADDRESS, 10, { by: 'eve', reason: 'once more' })
    const seen = await ops.inspect(ADDRESS)
    await ops.close()

    assert.ok(done.tag === 'rolledBack' && done.version === 33)
    assert.equal(seen?.step, 'handle')
    const receipt = await walked.say('bob')
    assert.ok(receipt.tag === 'committed' && receipt.version === 34)
    assert.ok(receipt.replies.some(reply => 'text' in reply && reply.text === 'Which handle?'))
    await walked.inspect()
    assert.equal(tokenOf(walked), 'token-of-ada')
  })
}

async function thirtyVersions(store: ConversationStore): Promise<Walked> {
  const runtime = createRuntime({ bot: payingBot().bot, store, keys: ring })
  const turns: TurnTrace[] = []
  runtime.on('turn', turn => turns.push(turn))
  await runtime.start()
  const chat = runtime.conversation(ADDRESS)
  const shown = new Map<number, Inspection>()
  const inspect = async (): Promise<Inspection> => {
    for (;;) {
      const seen = await chat.inspect()
      if (seen !== null && !seen.calls.some(({ attached }) => attached)) return seen
      await setTimeout(2)
    }
  }
  let said = 0
  const say: Walked['say'] = async (what, id) => {
    said += id === undefined ? 1 : 0
    const content =
      typeof what === 'string'
        ? ({ kind: 'text', text: what } as const)
        : ({ kind: 'choice', ...what } as const)
    const receipt = await chat.receive({ id: id ?? `m${said}`, content })
    const first = await chat.inspect()
    if (first !== null) shown.set(first.version, first)
    const seen = await inspect()
    shown.set(seen.version, seen)
    return receipt
  }
  while ((shown.size === 0 ? 0 : Math.max(...shown.keys())) < 30) {
    const { flow, prompt } = shown.size === 0 ? { flow: '', prompt: null } : await inspect()
    if (flow === 'menu') await say({ instance: prompt?.instance ?? '', option: 'pay' })
    else if (flow === 'payment') await payment(say, await inspect())
    else await say('hi')
  }
  return { runtime, ops: operatorOf(runtime), turns, shown, say, inspect }
}

/** An amount and a handle that is none; then the greeting, from the beginning. */
async function payment(say: Walked['say'], { step, validation }: Inspection): Promise<void> {
  if (step === 'amount') await say('12')
  else await say(validation.attempts === 0 ? 'no handle' : 'hi')
}

async function shownAt({ shown, ops }: Walked, version: number): Promise<Inspection> {
  const seen = shown.get(version)
  return (
    seen ??
    assert.fail(`version ${version} was not seen: ${JSON.stringify(await ops.inspect(ADDRESS))}`)
  )
}

function tokenOf({ turns }: Walked): string | undefined {
  return turns.at(-1)?.record.core.token?.value.reveal()
}
