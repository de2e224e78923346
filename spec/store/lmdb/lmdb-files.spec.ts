import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import {
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../../lib/store/lmdb/lmdb-store.ts'
import { aCommit, anId, begun, done } from '../../../lib/testing/store-contract/store-check.ts'

const { O_DSYNC, O_WRONLY } = constants
const secrets = () => ({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })

describe('the directory of an embedded store', () => {
  let path: string
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-lmdb-'))
  })
  afterEach(() => rmSync(path, { recursive: true }))

  const opened = async (options: {
    path: string
    namespace?: string
  }): Promise<ConversationStore> => {
    const store = lmdbStore(options)
    await store.open(secrets())
    return store
  }
  const refusal = async (given: string): Promise<string> => {
    const error: unknown = await lmdbStore({ path: given })
      .open(secrets())
      .catch((failed: unknown) => failed)
    const failed = failureOf(error)
    assert.ok(failed !== undefined, 'it was not refused')
    return `${failed.code} ${failed.detail}`
  }

  it('is made when it is missing, for its owner alone', async () => {
    const inner = join(path, 'a', 'b.data')
    const store = await opened({ path: inner })

    assert.ok(statSync(inner).isDirectory())
    assert.equal(statSync(inner).mode & 0o777, 0o700)
    await store.close()
  })

  it('is not touched before open()', async () => {
    const inner = join(path, 'later')
    const store = lmdbStore({ path: inner })

    await assert.rejects(
      async () => store.load(anId()),
      error => failureOf(error)?.code === 'CHP_NOT_STARTED'
    )
    assert.throws(() => statSync(inner))
  })

  it('is refused by name when it is a file', async () => {
    const file = join(path, 'file')
    writeFileSync(file, 'not a directory')

    const said = await refusal(file)

    assert.ok(said.startsWith('CHP_SETTING_INVALID'))
    assert.ok(said.includes(file))
  })

  it('is refused by name when it cannot be made', async () => {
    const file = join(path, 'file')
    writeFileSync(file, 'not a directory')

    for (const wrong of [join(file, 'below'), '/proc/chaperone/data']) {
      assert.match(await refusal(wrong), /^CHP_SETTING_INVALID .*(below|proc).* cannot be used/)
    }
  })

  it('is refused by name when its data file is damaged, and the process lives on', async () => {
    const store = await opened({ path })
    for (let count = 0; count < 20; count += 1) await begun(store)
    await store.close()
    const file = join(path, 'data.mdb')
    const whole = readFileSync(file)
    const filled = (from: number, to: number): Buffer => Buffer.from(whole).fill(0x5a, from, to)
    const damages: readonly (readonly [Buffer, RegExp])[] = [
      [Buffer.alloc(16_384, 0x5a), /does not begin/],
      [Buffer.alloc(16_384), /does not begin/],
      [Buffer.from('hello'), /does not begin/],
      [filled(0, 4096), /does not begin/],
      [filled(4096, 8192), /copy of its header/],
      [whole.subarray(0, 4096), /copy of its header/],
      [whole.subarray(0, 8192), /is cut off/]
    ]
    for (const [damaged, why] of damages) {
      writeFileSync(file, damaged)
      const said = await refusal(path)
      assert.ok(said.startsWith('CHP_STORE_DAMAGED') && said.includes(path), said)
      assert.match(said, why)
    }
    writeFileSync(file, whole)
    await (await opened({ path })).close()
  })

  it('is refused by name when its files are none, and the process lives on', async () => {
    for (const name of ['data.mdb', 'lock.mdb']) {
      const directory = join(path, `with-${name}`)
      mkdirSync(join(directory, name), { recursive: true })
      const said = await refusal(directory)
      assert.match(said, /^CHP_SETTING_INVALID .* is not a file/)
    }
  })

  it('is written through a file that waits for the disk before a commit is visible', async () => {
    const store = await opened({ path })
    const files = readdirSync('/proc/self/fd').filter(
      fd => linkOf(`/proc/self/fd/${fd}`) === join(path, 'data.mdb')
    )
    const flags = files.map(fd => {
      const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
      return Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '', 8)
    })

    // One for the pages, which are flushed before the header is written through the other.
    assert.ok(flags.some(flag => (flag & O_DSYNC) !== 0 && (flag & O_WRONLY) !== 0))
    await store.close()
  })

  it('answers a read that fails with a failure, as a write', async () => {
    const store = await opened({ path })
    const tooLong = 'x'.repeat(5_000)
    const fence = { epoch: '1', version: 1, head: 'h', state: '' }

    for (const call of [
      () => store.load(tooLong),
      () => store.recoverable(tooLong),
      () => store.history(tooLong, { limit: 1 }),
      () => store.parked(tooLong),
      () => store.list(tooLong, 1),
      () => store.settleDue(tooLong, fence, null)
    ])
      await assert.rejects(call, error => failureOf(error)?.code === 'CHP_STORE_REFUSED')

    assert.equal((await store.load(anId())).fence, null)
    await store.close()
  })

  it('may hold an empty data file, as a start that was cut short leaves it', async () => {
    writeFileSync(join(path, 'data.mdb'), '')
    const store = await opened({ path })

    await begun(store)

    await store.close()
  })

  it('keeps what was committed when it is opened again', async () => {
    const first = lmdbStore({ path })
    const before = await first.open(secrets())
    const { id, fence } = await begun(first, { record: 'kept', replies: ['r'] })
    await first.close()

    const second = lmdbStore({ path })
    const after = await second.open(secrets())

    assert.deepEqual(after.secrets, before.secrets)
    assert.equal((await second.load(id)).record, 'kept')
    await done(second, id, aCommit(fence))
    await second.close()
  })

  it('holds namespaces apart', async () => {
    const [one, other] = [
      await opened({ path, namespace: 'one' }),
      await opened({ path, namespace: 'other' })
    ]
    const { id } = await begun(one, { dueMs: 5 })

    assert.equal((await other.load(id)).fence, null)
    assert.deepEqual((await other.list(null, 10)).ids, [])
    assert.deepEqual(await other.claimDue(10, 1000), [])
    assert.deepEqual(await one.claimDue(10, 1000), [id])
    await Promise.all([one.close(), other.close()])
  })

  it('is shared by four processes: no addition of any is lost', async () => {
    const store = await opened({ path })
    const { id } = await begun(store, { record: '0' })
    const children = Array.from({ length: 4 }, () => writer(path, id, 25))
    await Promise.all(children.map(async child => exitOf(child)))

    const { record, fence } = await store.load(id)

    assert.deepEqual([record, fence?.version], ['100', 101])
    await store.close()
  }).timeout(20_000)

  it('has kept what was acknowledged to a process that was killed', async () => {
    const store = await opened({ path })
    const { id } = await begun(store, { record: '0' })
    const child = writer(path, id, 1_000_000)
    let acknowledged = 0
    await new Promise<void>(resolve => {
      child.on('message', count => {
        acknowledged = Number(count)
        if (acknowledged === 40) resolve()
      })
    })

    child.kill('SIGKILL')
    await exitOf(child)

    const { record, fence } = await store.load(id)
    assert.ok(Number(record) >= acknowledged, `${record} of ${acknowledged}`)
    assert.equal(fence?.version, Number(record) + 1)
    // Its last commit, on disk and not acknowledged, may show to the next writer only.
    const next = await store.commit(id, aCommit(fence))
    if (next.tag === 'conflict') {
      const { fence: newest } = await store.load(id)
      assert.equal(newest?.version, fence.version + 1)
      await done(store, id, aCommit(newest))
    } else assert.equal(next.tag, 'committed')
    await store.close()
  }).timeout(20_000)

  it('gives up while another process holds it, and goes on after', async () => {
    const store = lmdbStore({ path, commandTimeoutMs: 150 })
    await store.open(secrets())
    const { id, fence } = await begun(store, { record: '0' })
    const holder = program('lmdb-holder.ts', [path])
    await new Promise(resolve => holder.once('message', resolve))
    const commit = aCommit(fence, { record: 'late' })

    await assert.rejects(
      async () => store.commit(id, commit),
      error => failureOf(error)?.code === 'CHP_STORE_UNAVAILABLE'
    )

    assert.equal((await store.load(id)).record, '0')
    holder.kill('SIGKILL')
    await exitOf(holder)
    assert.equal((await done(store, id, commit)).fence.version, 2)
    await store.close()
  }).timeout(20_000)

  it('opens at the last commit when a write that never became one trails in its file', async () => {
    const store = await opened({ path })
    const { id } = await begun(store, { record: 'first' })
    await store.close()
    const file = join(path, 'data.mdb')
    const whole = readFileSync(file)
    writeFileSync(file, Buffer.concat([whole, Buffer.alloc(4096 * 3, 0xee)]))

    const again = await opened({ path })

    assert.equal((await again.load(id)).record, 'first')
    await again.close()
  })
})

// A descriptor may be gone by the time it is looked at: the one of the look itself is.
function linkOf(file: string): string | null {
  try {
    return readlinkSync(file)
  } catch {
    return null
  }
}

function writer(path: string, id: string, times: number): ChildProcess {
  return program('lmdb-writer.ts', [path, id, String(times)])
}

function program(name: string, args: readonly string[]): ChildProcess {
  // The children are compiled when these specs are.
  const file = import.meta.url.endsWith('.ts') ? name : name.replace('.ts', '.js')
  return fork(new URL(`../../support/${file}`, import.meta.url), args, { stdio: 'inherit' })
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise(resolve => child.once('exit', resolve))
}
