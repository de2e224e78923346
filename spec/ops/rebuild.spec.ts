import assert from 'node:assert/strict'
import type { Migration } from '../../lib/conversation/migration.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { migrate } from '../../lib/ops/migrate/migrate.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { told } from '../support/told-conversation.ts'

const NO = 'CHP_VERSION_UNREADABLE'
type Row = Readonly<Record<string, unknown>>

describe('a past record', () => {
  it('is refused behind a damaged row, and shown where a whole record stands below', async () => {
    const { process, world } = await twelve()
    // Whole are 1, 5 and 10: what stands between is led to from above.
    rewritten(world, row => (row['version'] === 9 ? 'damaged' : JSON.stringify(row)))

    const found = await tagsOf(process, [12, 10, 9, 8, 6, 5, 4])

    assert.deepEqual(found, ['view', 'view', 'view', NO, NO, 'view', 'view'])
    const page = await operatorOf(process.runtime).history(idOf(process))
    assert.ok(page.tag === 'history')
    assert.equal(page.lines.find(({ version }) => version === 9)?.tag, 'damaged')
  })

  it('is shown from a whole record further up where the nearest one is damaged', async () => {
    const { process, world } = await twelve()
    const before = await operatorOf(process.runtime).viewAt(idOf(process), 4)
    rewritten(world, row =>
      JSON.stringify(row['version'] === 5 ? { ...row, full: 'L01 broken' } : row)
    )

    assert.deepEqual(await operatorOf(process.runtime).viewAt(idOf(process), 4), before)
  })

  it('is refused behind a recovery: what stood there was damaged', async () => {
    const { process, world } = await twelve()
    rewritten(world, row => {
      const notes = [{ kind: 'recovery', rung: 3, passed: true }]
      return JSON.stringify(row['version'] === 10 ? { ...row, notes } : row)
    })

    const found = await tagsOf(process, [11, 10, 9, 6, 5])

    assert.deepEqual(found, ['view', 'view', NO, NO, 'view'])
  })

  it('of an older schema is brought up by the steps, and is told by rows of its own', async () => {
    const { process, world } = await twelve()
    process.kill()
    const bot = { ...chainProgram(), schema: 2, migrations: [HUNDREDFOLD] }
    const later = await world.start({ bot })
    await until(world.clock, later.say('m13'))
    const ops = operatorOf(later.runtime)

    const found = await tagsOf(later, [13, 12, 11, 10, 4])
    const views = await Promise.all([13, 12, 10, 4].map(async v => ops.viewAt(idOf(later), v)))
    const back = await until(world.clock, ops.rollback(idOf(later), 4, BY))

    assert.deepEqual(found, ['view', 'view', NO, 'view', 'view'])
    const counts = views.map(view =>
      view.tag === 'view' ? [view.record.schema, view.record.flow.data['count']] : view
    )
    assert.deepEqual(counts, [
      [2, 1201],
      [2, 1200],
      [2, 1000],
      [2, 400]
    ])
    assert.equal(back.tag, 'rolledBack')
    const chain = foldOf(['m1', 'm2', 'm3', 'm4'])
    assert.deepEqual((await later.chat().inspect())?.data, { count: 400, chain })
  })

  it('is shown behind a migration: its row holds all that it changed', async () => {
    const { process, world } = await twelve()
    process.kill()
    const bot = { ...chainProgram(), schema: 2, migrations: [HUNDREDFOLD] }
    const given = { bot, store: world.model, clock: world.clock, random: seededRandom(7) }
    await until(world.clock, migrate(given))
    const later = await world.start({ bot })
    const ops = operatorOf(later.runtime)

    const views = await Promise.all([13, 12, 11, 6].map(async v => ops.viewAt(idOf(later), v)))

    const counts = views.map(view => (view.tag === 'view' ? view.record.flow.data['count'] : view))
    assert.deepEqual(counts, [1200, 1200, 1100, 600])
  })

  it('is refused with the code of its key where that is not here', async () => {
    const { happen, again } = await told()
    await happen('hi')
    const keys = keyRing({
      active: 'other',
      keys: { other: new Uint8Array(32) },
      random: seededRandom(1)
    })
    const later = await again({}, keys)

    assert.deepEqual(await tagsOf(later, [2, 1]), ['CHP_SEAL_KEY_UNKNOWN', 'view'])
  })
})

const BY = { by: 'eve', reason: 'asked by phone' } as const

const HUNDREDFOLD: Migration = {
  from: 1,
  to: 2,
  up: ({ core, flow }) => ({ core, flow: { ...flow, data: times(flow.data, 100) } }),
  down: ({ core, flow }) => ({ core, flow: { ...flow, data: times(flow.data, 0.01) } })
}

function times(data: Row, factor: number): Row {
  return { ...data, count: Number(data['count']) * factor }
}

/** A conversation of twelve versions. */
async function twelve(): Promise<{ world: World; process: Process }> {
  const world = aWorld()
  const process = await world.start()
  for (let n = 1; n <= 12; n += 1) await process.say(`m${n}`)
  await world.settle()
  return { world, process }
}

function rewritten(world: World, change: (row: Row) => string): void {
  const read = world.model.history.bind(world.model)
  world.model.history = async (id, page) => {
    const rows = await read(id, page)
    return rows.map(({ head, row }) => ({ head, row: change(JSON.parse(row) as Row) }))
  }
}

async function tagsOf(process: Process, versions: readonly number[]): Promise<readonly string[]> {
  const ops = operatorOf(process.runtime)
  const found = await Promise.all(versions.map(async v => ops.viewAt(idOf(process), v)))
  return found.map(view => (view.tag === 'refused' ? view.code : view.tag))
}

function idOf(process: Process): string {
  return process.chat().id
}
