import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lib/cli/run.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { kept, opened, ordering } from '../support/migrating-bot.ts'

const BOT = sourceOf('spec/support/bots/schema-3.ts')

describe('chaperone migrate', function () {
  this.timeout(60_000)
  let path: string
  let store: ConversationStore

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'chaperone-migrate-'))
    store = lmdbStore({ path })
  })
  afterEach(async () => {
    await store.close()
    rmSync(path, { recursive: true, force: true })
  })

  async function seed(count: number): Promise<readonly string[]> {
    const seeded = await opened(store)
    const users = Array.from({ length: count }, (_, nth) => nth)
    return Promise.all(users.map(nth => kept(seeded, ordering(nth % 2 === 0 ? 1 : 2, `u${nth}`))))
  }

  async function schemas(ids: readonly string[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const id of ids) {
      const schema = (await store.load(id)).record?.split(' ')[1] ?? 'none'
      counts[schema] = (counts[schema] ?? 0) + 1
    }
    return counts
  }

  /** A process of its own: here, specs and what they import have modules of their own each. */
  function started(...words: readonly string[]): ChildProgram {
    const all = ['migrate', BOT, '--lmdb', path, ...words]
    return startProgram(sourceOf('lib/cli/chaperone.ts'), {}, all)
  }

  async function said(...words: readonly string[]) {
    const child = started('--per-second', '100000', ...words)
    const code = await child.ended
    return { code, last: child.log.at(-1) ?? {} }
  }

  it('takes 1,000 records to schema 3 though killed half-way, and back to 2', async () => {
    const ids = await seed(1_000)
    const first = started('--batch', '50', '--per-second', '400')
    await first.event('migrate.progress')
    assert.equal(await first.end('SIGKILL'), null)
    const half = await schemas(ids)
    assert.ok((half['3'] ?? 0) >= 50 && (half['3'] ?? 0) < 1_000, JSON.stringify(half))

    assert.equal((await said('--verify')).code, 1)
    const resumed = await said()
    assert.deepEqual([resumed.code, resumed.last['left']], [0, 0])
    assert.equal(resumed.last['done'], 1_000 - (half['3'] ?? 0))
    const verified = await said('--verify')
    assert.deepEqual([verified.code, verified.last['schemas']], [0, { 3: 1_000 }])
    const versions = await Promise.all(ids.map(async id => (await store.load(id)).fence?.version))
    assert.deepEqual([...new Set(versions)], [2])

    const back = await said('--to', '2')
    assert.deepEqual([back.code, back.last['schemas']], [0, { 2: 1_000 }])
    assert.deepEqual(await schemas(ids), { 2: 1_000 })
  })

  it('ends soon when it is asked to, and says that it was stopped', async () => {
    await seed(60)
    const child = started('--batch', '20', '--per-second', '40')
    await child.event('migrate.progress')

    assert.equal(await child.end('SIGTERM'), 1)

    assert.equal((await child.event('migrate.ended'))['stopped'], true)
    assert.equal((await said()).code, 0)
  })

  it('tries every step in a dry run', async () => {
    const ids = await seed(10)

    const { code, last } = await said('--dry-run')

    assert.deepEqual([code, last['done'], last['left']], [0, 10, 10])
    assert.deepEqual(await schemas(ids), { 1: 5, 2: 5 })
  })

  for (const [what, words] of [
    ['no bot', ['migrate', '--lmdb', 'x']],
    ['no store', ['migrate', BOT]],
    ['two stores', ['migrate', BOT, '--lmdb', 'x', '--redis', 'redis://127.0.0.1']],
    ['no number', ['migrate', BOT, '--lmdb', 'x', '--to', 'three']],
    ['an unknown flag', ['migrate', BOT, '--lmdb', 'x', '--quick']],
    ['an unknown command', ['migrat']],
    ['nothing', []]
  ] as const)
    it(`tells how it is used to whoever says ${what}`, async () => {
      const texts: string[] = []
      const { signal } = new AbortController()

      assert.equal(await run(words, { say: text => texts.push(text), signal }), 2)

      assert.match(texts.join(''), /chaperone migrate BOT/)
    })

  it('says by its code why a module or a schema will not do', async () => {
    const texts: string[] = []
    const terminal = {
      say: (text: string) => texts.push(text),
      signal: new AbortController().signal
    }

    const path3 = sourceOf('spec/support/changes.ts')
    assert.equal(await run(['migrate', path3, '--lmdb', path], terminal), 1)
    assert.equal(await run(['migrate', BOT, '--lmdb', path, '--to', '4'], terminal), 1)
    assert.equal(await run(['migrate', 'README.md', '--lmdb', path], terminal), 2)

    assert.match(texts[0] ?? '', /CHP_INPUT_INVALID.*exports no bot/)
    assert.match(texts[1] ?? '', /CHP_INPUT_INVALID.*schema 3/)
    assert.match(texts[2] ?? '', /^README\.md could not be loaded: [^\n]+\n$/)
  })
})
