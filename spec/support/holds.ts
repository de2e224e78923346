import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { BOUNDS, type ConversationStore } from '../../lib/store/conversation-store.ts'
import { chainProgram, foldOf } from './chain-program.ts'
import { eventually } from './eventually.ts'

const ADDRESS = { channel: 'host', account: 'a', user: 'ada' } as const
const EVE = { by: 'eve', reason: 'something is odd' } as const
const HELD = 'A person looks into this.'

/** Specs of a conversation that is held, on any store; `open` is asked for each process. */
export function holds(open: () => ConversationStore): void {
  let runtimes: readonly Runtime[]
  const heard: object[] = []
  before(async () => {
    const bot = { ...chainProgram(), held: () => ({ kind: 'text', text: HELD }) as const }
    runtimes = ['p0', 'p1'].map(instance => createRuntime({ bot, store: open(), instance }))
    for (const runtime of runtimes) {
      runtime.on('held', event => heard.push(event))
      await runtime.start()
    }
  })
  after(() => Promise.all(runtimes.map(runtime => runtime.stop())))
  const say = (id: string, process = 0): Promise<Receipt> =>
    runtimes[process]!.conversation(ADDRESS).receive({ id, content: { kind: 'text', text: id } })
  const data = async (process: number): Promise<Readonly<Record<string, unknown>>> =>
    (await runtimes[process]!.conversation(ADDRESS).inspect())?.data ?? {}

  it('is told to the host once, and its member once', async () => {
    await say('m0')
    const { id } = runtimes[0]!.conversation(ADDRESS)

    const outcome = await operatorOf(runtimes[0]!).hold(id, EVE)
    const first = await say('w0')
    const second = await say('w1', 1)

    assert.deepEqual(outcome, { tag: 'held', conversation: id, version: 2 })
    assert.deepEqual(heard, [{ conversation: id, version: 2, by: 'eve', handover: false }])
    assert.deepEqual([first.tag, second.tag], ['deferred', 'deferred'])
    const { undelivered } = await storeOf(open, async store => store.load(id))
    assert.equal(undelivered.filter(({ row }) => row.includes(HELD)).length, 1)
    assert.deepEqual((await operatorOf(runtimes[1]!).held()).ids, [id])
  })

  it('sheds what its inbox has no room for, at every process, and forgets it', async () => {
    for (let at = 2; at < BOUNDS.inboxRows; at += 1) {
      assert.equal((await say(`w${at}`, at % 2)).tag, 'deferred')
    }
    for (const process of [0, 1]) {
      const receipt = await say('over', process)
      assert.ok(receipt.tag === 'shed' && receipt.reason === 'full: inbox', receipt.tag)
    }
    assert.equal((await say('w3', 1)).tag, 'duplicate')
    assert.deepEqual(await data(1), { count: 1, chain: foldOf(['m0']) })
  })

  it('takes what waited in order when resumed, then what was shed and comes again', async () => {
    const { id } = runtimes[1]!.conversation(ADDRESS)

    assert.equal((await operatorOf(runtimes[1]!).resume(id, EVE)).tag, 'resumed')
    await eventually(async () => (await data(0))['count'] === 1 + BOUNDS.inboxRows)
    assert.equal((await say('over')).tag, 'committed')

    const waited = Array.from({ length: BOUNDS.inboxRows }, (_, at) => `w${at}`)
    const ids = ['m0', ...waited, 'over']
    assert.deepEqual(await data(0), { count: ids.length, chain: foldOf(ids) })
    assert.deepEqual((await operatorOf(runtimes[0]!).held()).ids, [])
    assert.equal(heard.length, 1)
  })
}

async function storeOf<T>(
  open: () => ConversationStore,
  look: (store: ConversationStore) => Promise<T>
): Promise<T> {
  const store = open()
  await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
  const seen = await look(store)
  await store.close()
  return seen
}
