import assert from 'node:assert/strict'
import fc from 'fast-check'
import { seededRandom } from '../../lib/kernel/random.ts'
import { type Operator, openOperator, operatorOf } from '../../lib/ops/operator.ts'
import { decodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

/** A message, or a command to go back so many versions; from either process, awaited or not. */
interface Doing {
  readonly kind: 'message' | 'rollback'
  readonly id: number
  readonly back: number
  readonly beside: boolean
  readonly awaited: boolean
}

const doings: fc.Arbitrary<readonly Doing[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Doing['kind']>('message', 'rollback'),
    id: fc.nat(15),
    back: fc.nat(8),
    beside: fc.boolean(),
    awaited: fc.boolean()
  }),
  { minLength: 10, maxLength: 40 }
)

describe('rollbacks and messages from two processes at once', () => {
  it('follow each other: every version is what its cause makes of those before it', async () => {
    let rollbacks = 0
    await fc.assert(
      fc.asyncProperty(doings, async list => {
        const commits = await done(list)
        const ids = checked(commits)
        assert.equal(new Set(ids).size, ids.length, 'an id was obeyed twice')
        rollbacks += commits.filter(({ target }) => target !== null).length
      }),
      { numRuns: 10 }
    )
    assert.ok(rollbacks > 15, `${rollbacks} rollbacks`)
  })
})

/** One commit as the store took it; `target` is the version it went back to. */
interface Committed {
  readonly version: number
  readonly cause: string
  readonly target: number | null
  readonly data: unknown
}

const ring = keyRing({ active: 'k', keys: { k: new Uint8Array(32) }, random: seededRandom(5) })

async function done(list: readonly Doing[]): Promise<readonly Committed[]> {
  const world = aWorld()
  const commits = listened(world)
  const process = await world.start({ keys: ring })
  const { clock, model: store } = world
  const random = seededRandom(99)
  const beside = await openOperator({ bot: chainProgram(), store, keys: ring, clock, random })
  await process.say('first')
  const ended: Promise<unknown>[] = []
  for (const doing of list) {
    const ops = doing.beside ? beside : operatorOf(process.runtime)
    const begun: Promise<unknown> =
      doing.kind === 'message' ? process.say(`m${doing.id}`) : back(ops, process, doing)
    ended.push(begun)
    if (doing.awaited) await until(clock, begun)
  }
  await until(clock, Promise.all(ended))
  await world.settle()
  await beside.close()
  return commits
}

async function back(ops: Operator, process: Process, { id, back: steps }: Doing): Promise<void> {
  const now = (await process.chat().inspect())?.version ?? 1
  const request = { by: 'eve', reason: 'r', id: `o${id}` }
  const outcome = await ops.rollback(process.chat().id, Math.max(1, now - steps), request)
  assert.notEqual(outcome.tag, 'shed')
}

function listened(world: World): Committed[] {
  const commits: Committed[] = []
  const commit = world.model.commit.bind(world.model)
  world.model.commit = async (conversation, asked) => {
    const outcome = await commit(conversation, asked)
    const read = decodeRecord(asked.record, { conversation, ring, schema: 1 })
    if (outcome.tag !== 'committed' || read.tag !== 'decoded') return outcome
    const { causes, notes } = JSON.parse(asked.history) as Row
    const target = notes.find(({ kind }) => kind === 'rolledBack')?.version ?? null
    const { data } = (read.value as { flow: { data: unknown } }).flow
    commits.push({ version: read.version, cause: causes[0]!.id, target, data })
    return outcome
  }
  return commits
}

interface Row {
  readonly causes: readonly { readonly id: string }[]
  readonly notes: readonly { readonly kind: string; readonly version: number }[]
}

/** Compares each version with the model, and gives the ids that were taken. */
function checked(commits: readonly Committed[]): readonly string[] {
  const taken: (readonly string[])[] = [[]]
  for (const { version, cause, target, data } of commits) {
    assert.equal(version, taken.length, 'a version has a gap')
    const ids = target === null ? [...taken[version - 1]!, cause] : taken[target]!
    taken.push(ids)
    assert.deepEqual(data, { count: ids.length, chain: foldOf(ids) }, `version ${version}`)
  }
  return commits.map(({ cause }) => cause)
}
