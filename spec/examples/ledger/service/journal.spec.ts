import assert from 'node:assert/strict'
import {
  appendFile,
  mkdtemp,
  open as openFile,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Commit } from '../../../../examples/ledger/service/book/commit.ts'
import { openJournal } from '../../../../examples/ledger/service/journal.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { ALICE, anOffer, aService, ask, KeptLog, loggedIn } from './a-service.ts'

describe('the journal', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ledger-journal-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  const file = () => join(directory, 'journal.log')
  const open = (more: { bytesMax?: number } = {}, logger = new KeptLog()) =>
    openJournal({ directory, logger, ...more })

  /** Writes commits and closes; the bytes of the file as it then is. */
  async function written(count: number): Promise<Buffer> {
    const { journal } = await open()
    for (let atMs = 1; atMs <= count; atMs += 1) journal.append(aCommit(atMs))
    await journal.flushed()
    await journal.close()
    return readFile(file())
  }

  async function timesRead(): Promise<number[]> {
    const { journal, commits } = await open()
    await journal.close()
    return commits.map(({ atMs }) => atMs)
  }

  /** What this process holds open in the directory, where the system tells. */
  async function leftOpen(): Promise<string[]> {
    const names = await readdir('/proc/self/fd').catch(() => [])
    const paths = names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => ''))
    return (await Promise.all(paths)).filter(path => path.startsWith(directory))
  }

  it('begins empty in a directory that it makes', async () => {
    const deep = join(directory, 'a', 'b')
    const { journal, commits } = await openJournal({ directory: deep, logger: new KeptLog() })
    await journal.close()

    assert.deepEqual(commits, [])
    assert.deepEqual(await readdir(deep), ['journal.log'])
  })

  it('gives back what was written, in order, over several lives', async () => {
    await written(3)
    await written(2)

    assert.deepEqual(await timesRead(), [1, 2, 3, 1, 2])
  })

  it('has on the disk what was appended when flushed resolves', async () => {
    const { journal } = await open()
    journal.append(aCommit(1))
    journal.append(aCommit(2))

    await journal.flushed()

    assert.equal((await readFile(file(), 'utf8')).split('\n').length, 3)
    await journal.close()
  })

  it('cut at any byte gives back the whole lines before, and goes on from there', async () => {
    const whole = await written(4)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length }), async cut => {
        const lines = whole.subarray(0, cut).toString('utf8').split('\n').length - 1
        await writeFile(file(), whole.subarray(0, cut))

        await written(1)

        const expected = [1, 2, 3, 4].slice(0, lines)
        assert.deepEqual(await timesRead(), [...expected, 1])
      }),
      { numRuns: 30 }
    )
  })

  it('says that it cut a torn tail away', async () => {
    const whole = await written(2)
    await appendFile(file(), whole.subarray(0, 20))
    const logger = new KeptLog()

    const { journal } = await open({}, logger)
    await journal.close()

    assert.match(logger.lines.join(), /ledger.journal-tail-cut.*20/)
    assert.equal((await stat(file())).size, whole.length)
  })

  it('with a damaged line before good ones is refused, named by file and line', async () => {
    const whole = await written(3)
    const at = whole.indexOf('\n') + 30
    whole.writeUInt8(whole.readUInt8(at) ^ 1, at)
    await writeFile(file(), whole)

    await assert.rejects(open(), /journal\.log:2 is damaged/)
    assert.deepEqual(await readFile(file()), whole)
    assert.deepEqual(await leftOpen(), [])
  })

  it('with damage in its last line gives back the others', async () => {
    const whole = await written(3)
    const at = whole.length - 5
    whole.writeUInt8(whole.readUInt8(at) ^ 1, at)
    await writeFile(file(), whole)

    assert.deepEqual(await timesRead(), [1, 2])
  })

  it('is full at its bound', async () => {
    const bytes = (await written(1)).length

    const { journal } = await open({ bytesMax: bytes + 1 })
    assert.equal(journal.isFull, false)
    journal.append(aCommit(2))

    assert.equal(journal.isFull, true)
    await journal.close()
  })

  it('belongs to one at a time', async () => {
    const { journal } = await open()

    await assert.rejects(open(), /process \d+ runs a ledger on this directory/)

    await journal.close()
    assert.deepEqual(await timesRead(), [])
  })

  it('is taken over from a process that is gone, or whose number is used again', async () => {
    for (const holder of ['', '999999999 1', `${process.pid} 1`]) {
      await writeFile(join(directory, 'ledger.lock'), holder)

      assert.deepEqual(await timesRead(), [])
    }
  })

  it('writes nothing more after a failed write, for memory is ahead of the disk', async () => {
    const { journal } = await open()
    const mend = await breakDisk('appendFile')
    journal.append(aCommit(1))

    await assert.rejects(journal.flushed(), { code: 'ENOSPC' })
    mend()
    journal.append(aCommit(2))

    await assert.rejects(journal.flushed(), { code: 'ENOSPC' })
    await journal.close()
    assert.equal((await readFile(file())).length, 0)
  })

  it('counts a commit as kept only when the disk says that it is flushed', async () => {
    const { journal } = await open()
    const mend = await breakDisk('datasync')
    journal.append(aCommit(1))

    await assert.rejects(journal.flushed(), { code: 'ENOSPC' })
    mend()
    await journal.close()
  })

  it('that fails makes the service answer 503, and say why in its log', async () => {
    const parts = await aService({ directory })
    const token = await loggedIn(parts)
    const mend = await breakDisk('appendFile')

    const told = await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    mend()

    assert.deepEqual([told.status, told.json['error']?.['code']], [503, 'UNAVAILABLE'])
    assert.match(parts.logger.lines.join(), /"event":"ledger.journal-broken","code":"ENOSPC"/)
    assert.equal((await ask(parts, 'POST', '/login', { body: { phone: ALICE } })).status, 503)
    await parts.service.close()
  })

  it('that is full makes the service shed changes, not repeats', async () => {
    const parts = await aService({ directory, journalBytesMax: 3_000 })
    const token = await loggedIn(parts)
    const statuses: number[] = []
    for (const key of ['1', '2', '3', '4', '1']) {
      const told = await ask(parts, 'POST', '/offers', { token, key, body: anOffer() })
      statuses.push(told.status)
    }
    await parts.service.close()

    assert.deepEqual([statuses[0], statuses[3], statuses[4]], [200, 503, 200])
    assert.equal((await timesRead()).length, 1 + statuses.slice(0, 4).filter(s => s === 200).length)
  })

  it('makes a ledger outlive its service, with its keys, without tokens and faults', async () => {
    const first = await aService({ directory })
    const body = { firstName: 'Tariro', lastName: 'Sibanda', phone: '777', defaultDenom: 'USD' }
    const registered = await ask(first, 'POST', '/members', { key: 'r', body })
    const token = await loggedIn(first)
    const made = await ask(first, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    await ask(first, 'POST', '/offers', { token, key: 'big', body: anOffer({ amount: '51' }) })
    await first.service.control({ faults: [{ kind: 'timeout', endpoint: 'login' }] })
    const before = first.service.log()
    await first.service.close()

    const second = await aService({ directory, content: { ...seed, members: [] } })

    const after = second.service.log()
    assert.deepEqual([after.effects, after.offers], [before.effects, before.offers])
    const old = await ask(second, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    assert.equal(old.status, 401)
    const asking = { token: await loggedIn(second), key: 'k', body: anOffer() }
    assert.deepEqual((await ask(second, 'POST', '/offers', asking)).json, made.json)
    const again = await ask(second, 'POST', '/members', { key: 'r', body })
    assert.deepEqual(again.json['action'], registered.json['action'])
    assert.deepEqual(second.service.log().effects, before.effects)
    await second.service.close()
    assert.ok(!(await readFile(file(), 'utf8')).includes('tok-'))
  })
})

/** Makes one operation of every file handle fail, until the answer is called. */
async function breakDisk(operation: 'appendFile' | 'datasync'): Promise<() => void> {
  const probe = await openFile(tmpdir(), 'r')
  const handles = Object.getPrototypeOf(probe) as Record<string, unknown>
  await probe.close()
  const whole = handles[operation]
  handles[operation] = () =>
    Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))
  return () => {
    handles[operation] = whole
  }
}

function aCommit(atMs: number): Commit {
  const change = { type: 'offerSettled', offerId: `öffer-${atMs}`, status: 'ACCEPTED' } as const
  return { version: 1, atMs, by: 'member', changes: [change], operation: null }
}
