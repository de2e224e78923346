import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pause } from '../../lib/kernel/clock.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

/** A commit that landed, and what it was decided on. */
interface Link {
  readonly parent: string | null
  readonly version: number
  readonly head: string
}

/** Lets `hurry` run before the commits of the second process, for as long as it is asked to. */
function overtaken(world: World, isOvertaken: () => boolean, hurry: () => Promise<unknown>) {
  const links: Link[] = []
  const commit = world.model.commit.bind(world.model)
  const overtaking: ConversationStore['commit'] = async (id, asked) => {
    if (asked.head.startsWith('p1/') && isOvertaken()) await hurry()
    const outcome = await commit(id, asked)
    if (outcome.tag !== 'committed') return outcome
    const { version } = outcome.fence
    const { parent, head } = asked
    if (links.at(-1)?.head !== head) links.push({ parent: parent?.head ?? null, version, head })
    return outcome
  }
  world.model.commit = overtaking
  return links
}

async function delivered(world: World, process: Process, id: string): Promise<number> {
  for (let shed = 0; ; shed += 1) {
    const receipt = await process.say(id)
    if (receipt.tag !== 'shed') return shed
    assert.equal(receipt.reason, 'CHP_STORE_CONTENDED')
    await pause(world.clock, receipt.retryAfterMs)
  }
}

function isChain(links: readonly Link[]): void {
  assert.deepEqual(
    links.map(({ version, parent }) => ({ version, parent })),
    links.map((_, index) => ({ version: index + 1, parent: links[index - 1]?.head ?? null }))
  )
}

describe('a process that decides on a state that another has left behind', () => {
  it('at every step never commits, tries so often, and says that it could not', async () => {
    const world = aWorld()
    const [fast, slow] = [await world.start(), await world.start()]
    let hurried = 0
    const links = overtaken(
      world,
      () => true,
      () => fast.say(`fast${(hurried += 1)}`)
    )

    const receipt = await until(world.clock, slow.say('m0'))

    assert.deepEqual(receipt, { tag: 'shed', reason: 'CHP_STORE_CONTENDED', retryAfterMs: 1_000 })
    assert.equal(hurried, 6)
    assert.ok(links.every(({ head }) => head.startsWith('p0/')))
    isChain(links)
  })

  it('commits on nobody else’s parent, whenever it is overtaken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async overtakes => {
        const world = aWorld()
        const [fast, slow] = [await world.start(), await world.start()]
        let hurried = 0
        const links = overtaken(
          world,
          () => overtakes.pop() === true,
          () => fast.say(`fast${(hurried += 1)}`)
        )
        const slowOnes = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5']

        await until(world.clock, Promise.all(slowOnes.map(id => delivered(world, slow, id))))
        await world.settle()

        isChain(links)
        const order = world.landed.flatMap(({ causes }) => causes)
        const fastOnes = Array.from({ length: hurried }, (_, index) => `fast${index + 1}`)
        assert.deepEqual(order.toSorted(), [...slowOnes, ...fastOnes].toSorted())
        assert.equal((await slow.chat().inspect())?.data['chain'], foldOf(order))
      }),
      { numRuns: 30 }
    )
  })

  it('leaves no gap in the versions where writes failed or went unanswered', async () => {
    const faults = fc.array(
      fc.record({
        nth: fc.integer({ min: 1, max: 30 }),
        times: fc.integer({ min: 1, max: 4 }),
        fail: fc.constantFrom('before', 'after')
      } as const),
      { maxLength: 10 }
    )
    await fc.assert(
      fc.asyncProperty(faults, async planned => {
        const world = aWorld()
        const links = overtaken(
          world,
          () => false,
          () => Promise.resolve()
        )
        const one = await world.start()
        for (const { fail, ...when } of planned) world.store.plan('commit', { fail }, when)
        const sent = Array.from({ length: 20 }, (_, index) => `m${index}`)

        const receipts = await until(world.clock, Promise.all(sent.map(id => one.say(id))))

        isChain(links)
        const landed = world.landed.flatMap(({ causes }) => causes)
        const shed = sent.filter((_, index) => receipts[index]?.tag === 'shed')
        assert.ok(sent.every(id => landed.includes(id) || shed.includes(id)))
        assert.equal(new Set(landed).size, landed.length)
      }),
      { numRuns: 30 }
    )
  })
})
