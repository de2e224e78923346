import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pause, systemClock } from '../../lib/kernel/clock.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { saidRow } from '../../lib/runtime/blocked.ts'
import { runName } from '../../lib/runtime/caution.ts'
import { Watchdog } from '../../lib/runtime/watchdog.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'

describe('a turn that blocks the event loop', function () {
  this.timeout(30_000)
  let directory = ''
  let program: ChildProgram | undefined
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-blocked-'))
  })
  afterEach(async () => {
    await program?.end('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })
  const started = (blockMs: number, more: Record<string, string> = {}): ChildProgram => {
    const env = { DATA_DIR: directory, BLOCK_MS: String(blockMs), ...more }
    program = startProgram(sourceOf('spec/support/blocking-process.ts'), env)
    return program
  }
  const lines = ({ written }: ChildProgram): Record<string, unknown>[] =>
    written()
      .split('\n')
      .filter(line => line.includes('"loop.'))
      .map(line => JSON.parse(line) as Record<string, unknown>)

  /** What the processes have left in the store. */
  const rows = async (): Promise<readonly string[]> => {
    const store = lmdbStore({ path: directory })
    await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    const kept = await store.keepProcess!('spec', null, [])
    await store.close()
    return kept.rows.map(({ row }) => row)
  }

  it('is named, and ends its process at the declared limit', async () => {
    const child = started(60_000)
    const { conversation } = await child.event('ready')

    assert.equal(await child.ended, null)

    const [named, ended, ...more] = lines(child)
    assert.deepEqual(more, [])
    const id = createHash('sha256').update('15550001001 blocks').digest('hex').slice(0, 16)
    assert.deepEqual(
      [named?.['event'], named?.['conversation'], named?.['kind'], named?.['id']],
      ['loop.blocked', conversation, 'Inbound', id]
    )
    assert.deepEqual([ended?.['event'], ended?.['conversation']], ['loop.ended', conversation])
    assert.ok(Number(ended?.['blockedMs']) >= 1_000 && Number(ended?.['blockedMs']) < 1_500)
    assert.equal(JSON.stringify([named, ended]).includes('15550001001'), false)
    const [row, ...others] = await rows()
    assert.deepEqual(others, [])
    const event = { kind: 'Inbound', id: '15550001001 blocks' }
    const said = saidRow(row ?? '')
    assert.equal(said.run, runName({ conversation: String(conversation), event }))
    const { blockedMs = 0, ...blocked } = said.blocked ?? {}
    const build = 'chain/1'
    assert.deepEqual(blocked, { conversation, kind: 'Inbound', id, where: 'CHAIN.link', build })
    assert.ok(said.isEnded && blockedMs >= 1_000 && blockedMs < 1_500)
  })

  it('is written of again while it blocks, so that nobody takes its process for dead', async () => {
    const child = started(60_000, { END_MS: '30000' })
    await child.event('ready')
    const store = lmdbStore({ path: directory })
    await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    const toldAtMs = new Set<number>()
    while (toldAtMs.size < 2) {
      const { rows: kept } = await store.keepProcess!('spec', null, [])
      for (const { row, atMs } of kept) {
        const { blocked, isEnded } = saidRow(row)
        assert.equal(isEnded, false)
        if (blocked !== null) toldAtMs.add(atMs)
      }
      await pause(systemClock, 50)
    }
    await store.close()

    const [first = 0, second = 0] = [...toldAtMs]
    assert.ok(second > first)
  })

  it('is named and goes on when it ends before that', async () => {
    const child = started(600)

    await child.event('survived')
    assert.equal(await child.ended, 0)

    assert.deepEqual(
      lines(child).map(({ event }) => event),
      ['loop.blocked']
    )
    assert.deepEqual(await rows(), [])
  })

  it('ends its process only when it must, also when standard error takes nothing', async () => {
    const short = started(600, { NO_STDERR: 'full' })
    await short.event('survived')
    assert.equal(await short.ended, 0)

    for (const how of ['refuses', 'full']) {
      const long = started(4_000, { NO_STDERR: how })
      assert.equal(await long.ended, null, how)
      assert.equal(
        long.log.some(({ event }) => event === 'survived'),
        false
      )
    }
  })

  it('ends its process also when the client of the store throws where nobody waits', async () => {
    const child = started(4_000, { THROWING_WRITER: 'yes' })

    assert.equal(await child.ended, null)

    assert.deepEqual(
      lines(child).map(({ event }) => event),
      ['loop.blocked', 'loop.ended']
    )
  })

  it('is named, and lets its process live, where somebody may be looking at it', async () => {
    const child = started(1_600, { NODE_OPTIONS: '--inspect=127.0.0.1:0' })

    await child.event('survived')
    assert.equal(await child.ended, 0)

    assert.deepEqual(
      lines(child).map(({ event }) => event),
      ['loop.blocked']
    )
  })

  it('lets its process live when it was declared to block', async () => {
    const child = started(1_600, { UNWATCHED: 'yes' })

    await child.event('survived')
    assert.equal(await child.ended, 0)

    assert.deepEqual(lines(child), [])
  })

  it('is watched within limits that make sense', () => {
    for (const limits of [{ nameMs: 10 }, { nameMs: 500, endMs: 500 }, { endMs: 0.5 }]) {
      assert.throws(() => new Watchdog(limits, 'b/1'), /CHP_SETTING_INVALID/)
    }
  })
})
