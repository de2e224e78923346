import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Receipt } from '../../lib/channel/channel.ts'
import { pause } from '../../lib/kernel/clock.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

interface Move {
  readonly to: number
  readonly user: number
  readonly repeat: boolean
  readonly restMs: number
}

const moves = fc.array(
  fc.record({
    to: fc.integer({ min: 0, max: 1 }),
    user: fc.integer({ min: 0, max: 1 }),
    repeat: fc.boolean(),
    restMs: fc.constantFrom(0, 0, 0, 1, 40, 700, 12_000)
  }),
  { minLength: 1, maxLength: 40 }
)

describe('two processes on one store', () => {
  it('count every message once, in one order, without a gap, and send every reply', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async played => {
        const world = aWorld()
        const processes = [await world.start(), await world.start()]
        const receipts = await handedIn(world, processes, played)
        await world.settle()
        await world.pass(25_000)

        for (const receipt of await Promise.all(receipts)) assert.notEqual(receipt.tag, 'shed')
        for (const user of ['u0', 'u1']) await whole(world, processes[0]!, user, played)
      }),
      { numRuns: 20 }
    )
  })

  it('do so although messages go to both at once and the store fails now and then', async () => {
    const faults = fc.array(
      fc.record({
        nth: fc.integer({ min: 1, max: 40 }),
        fail: fc.constantFrom('before', 'after'),
        call: fc.constantFrom('commit', 'load', 'acknowledged', 'settleDue', 'claimDue')
      } as const),
      { maxLength: 12 }
    )
    await fc.assert(
      fc.asyncProperty(moves, faults, async (played, planned) => {
        const world = aWorld()
        const processes = [await world.start(), await world.start()]
        for (const { call, fail, nth } of planned) world.store.plan(call, { fail }, { nth })
        const both = played.map(move => ({ ...move, repeat: true }))
        const receipts = await handedIn(world, processes, both)
        await world.settle()
        world.store.heal()
        await world.pass(25_000)

        for (const receipt of await Promise.all(receipts)) assert.notEqual(receipt.tag, 'shed')
        for (const user of ['u0', 'u1']) await whole(world, processes[0]!, user, both)
      }),
      { numRuns: 20 }
    )
  })
})

async function handedIn(world: World, processes: readonly Process[], played: readonly Move[]) {
  const receipts = []
  for (const [index, { to, user, repeat, restMs }] of played.entries()) {
    const message = { id: `m${index}`, user: `u${user}` }
    receipts.push(delivered(world, processes[to]!, message))
    if (repeat) receipts.push(delivered(world, processes[1 - to]!, message))
    if (restMs > 0) await world.pass(restMs)
  }
  return receipts
}

/** Hands a message in until it is taken, as a provider does: who lost too often is shed. */
async function delivered(
  world: World,
  process: Process,
  { id, user }: { readonly id: string; readonly user: string }
): Promise<Receipt> {
  for (;;) {
    const receipt = await process.say(id, 'hi', user)
    if (receipt.tag !== 'shed' || receipt.reason !== 'CHP_STORE_CONTENDED') return receipt
    await pause(world.clock, receipt.retryAfterMs)
  }
}

async function whole(
  world: World,
  process: Process,
  user: string,
  played: readonly Move[]
): Promise<void> {
  const sent = played.flatMap((move, index) => (`u${move.user}` === user ? [`m${index}`] : []))
  const { id } = process.chat(user)
  const rows = world.landed.filter(({ conversation }) => conversation === id)
  const order = rows.flatMap(({ causes }) => causes)
  assert.deepEqual(order.toSorted(), sent.toSorted())
  assert.deepEqual(
    rows.map(({ version }) => version),
    rows.map((_, index) => index + 1)
  )
  if (sent.length === 0) return
  assert.equal((await process.chat(user).inspect())?.data['chain'], foldOf(order))
  assert.deepEqual((await world.model.load(id)).undelivered, [])
  const offers = world.offers.filter(({ conversation }) => conversation === id)
  const firsts = [...new Set(offers.map(({ sequence }) => sequence))]
  assert.deepEqual(
    firsts,
    sent.map((_, index) => index + 1)
  )
}
