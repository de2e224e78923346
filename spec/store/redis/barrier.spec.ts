import assert from 'node:assert/strict'
import { ChaperoneError, failure, failureOf } from '../../../lib/kernel/failure.ts'
import { type BarrierOptions, Barriers } from '../../../lib/store/redis/barrier.ts'
import type { Command, Link } from '../../../lib/store/redis/link.ts'

const OPTIONS = { replicas: 1, waitMs: 500 } as const
const REFUSED = new ChaperoneError(failure('CHP_STORE_REFUSED', 'Redis: no connection.'))
const replication = (id: string, role = 'master'): string =>
  `# Replication\r\nrole:${role}\r\nmaster_replid:${id}\r\n`

/** A server by hand: every WAIT is answered when the spec says so. */
function aServer({ address = '127.0.0.1:1', id = 'aaa' } = {}) {
  const server = {
    id,
    role: 'master',
    isAway: false,
    waits: [] as { readonly command: Command; answer(count: number): void }[],
    connections: 0,
    closed: 0,
    link: (): Link => ({
      address,
      call: async () => replication(server.id, server.role),
      beside: () => {
        server.connections += 1
        const pending: (() => void)[] = []
        const side: Link = {
          address,
          call: async (...command) => {
            if (server.isAway) throw REFUSED
            return command[0] === 'INFO' ? replication(server.id, server.role) : waited(command)
          },
          beside: () => assert.fail('nobody asks for a third connection')
        }
        const waited = (command: Command): Promise<number> =>
          new Promise((resolve, reject) => {
            server.waits.push({ command, answer: resolve })
            pending.push(() => reject(REFUSED))
          })
        return {
          ready: async () => undefined,
          link: side,
          call: async (...command) => side.call(...command),
          close: () => {
            server.closed += 1
            for (const broken of pending.splice(0)) broken()
          }
        }
      }
    })
  }
  return server
}

function watched(promise: Promise<'passed' | null>): { readonly outcome: string } {
  const seen = { outcome: 'waits' }
  promise.then(
    passed => {
      seen.outcome = passed ?? 'again'
    },
    (error: unknown) => {
      seen.outcome = failureOf(error)?.code ?? String(error)
    }
  )
  return seen
}

/** Barriers that know the server, and its link. */
async function prepared(server: ReturnType<typeof aServer>, options: BarrierOptions = OPTIONS) {
  const link = server.link()
  const barriers = new Barriers(options, () => [link])
  await barriers.prepare(1000)
  return { barriers, link }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('the barrier before a commit is acknowledged', () => {
  it('lets pass what enough replicas have', async () => {
    const server = aServer()
    const { barriers, link } = await prepared(server)

    const commit = watched(barriers.passed(link))
    await turn()

    assert.deepEqual(server.waits[0]?.command, ['WAIT', 1, 500])
    assert.equal(commit.outcome, 'waits')
    server.waits[0]!.answer(1)
    await turn()
    assert.equal(commit.outcome, 'passed')
  })

  it('waits once for all that was answered before, and anew for what comes after', async () => {
    const server = aServer()
    const { barriers, link } = await prepared(server)

    const before = Array.from({ length: 50 }, () => watched(barriers.passed(link)))
    await turn()
    const after = Array.from({ length: 50 }, () => watched(barriers.passed(link)))
    await turn()

    assert.equal(server.waits.length, 1)
    server.waits[0]!.answer(1)
    await turn()
    assert.ok(before.every(({ outcome }) => outcome === 'passed'))
    assert.ok(after.every(({ outcome }) => outcome === 'waits'))
    server.waits[1]!.answer(1)
    await turn()
    assert.ok(after.every(({ outcome }) => outcome === 'passed'))
    assert.deepEqual([server.waits.length, server.connections], [2, 1])
  })

  it('fails for all that waited when too few replicas have it', async () => {
    const server = aServer()
    const { barriers, link } = await prepared(server, { ...OPTIONS, replicas: 2 })
    const commits = [watched(barriers.passed(link)), watched(barriers.passed(link))]
    await turn()

    server.waits[0]!.answer(1)
    await turn()

    assert.deepEqual(
      commits.map(({ outcome }) => outcome),
      ['CHP_STORE_NOT_DURABLE', 'CHP_STORE_NOT_DURABLE']
    )
  })

  it('has a call repeated that was answered before its server was known', async () => {
    const server = aServer()
    const barriers = new Barriers(OPTIONS, () => [])
    const link = server.link()

    assert.equal(await barriers.passed(link), null)

    const repeated = watched(barriers.passed(link))
    await turn()
    server.waits[0]!.answer(1)
    await turn()
    assert.equal(repeated.outcome, 'passed')
  })

  for (const [what, change] of [
    ['another server is master there', { id: 'bbb', role: 'master' }],
    ['the server is a replica by now', { id: 'aaa', role: 'slave' }]
  ] as const) {
    it(`believes no WAIT when ${what}`, async () => {
      const server = aServer()
      const { barriers, link } = await prepared(server)
      Object.assign(server, change)

      const commit = watched(barriers.passed(link))
      await turn()
      server.waits[0]!.answer(1)
      await turn()

      assert.equal(commit.outcome, 'CHP_STORE_NOT_DURABLE')
      const repeated = watched(barriers.passed(link))
      await turn()
      assert.notEqual(repeated.outcome, 'passed')
    })
  }

  it('takes a new connection to the same address for another server', async () => {
    const server = aServer()
    const { barriers, link: before } = await prepared(server)
    const commit = watched(barriers.passed(before))
    await turn()

    const next = await barriers.passed(server.link())

    assert.equal(next, null)
    assert.equal(commit.outcome, 'CHP_STORE_NOT_DURABLE')
    assert.deepEqual([server.connections, server.closed], [2, 1])
  })

  it('never says that nothing was written, whatever becomes of its own connection', async () => {
    const server = aServer()
    const { barriers, link } = await prepared(server)
    server.isAway = true

    const commit = watched(barriers.passed(link))
    await turn()

    assert.equal(commit.outcome, 'CHP_STORE_NOT_DURABLE')
  })

  it('keeps no more waiting than it may, and nobody when it is closed', async () => {
    const server = aServer()
    const { barriers, link } = await prepared(server)
    const first = watched(barriers.passed(link))
    await turn()
    const gathered = Array.from({ length: 10_001 }, () => watched(barriers.passed(link)))
    await turn()
    const outcomes = (): number => gathered.filter(({ outcome }) => outcome === 'waits').length

    assert.equal(outcomes(), 10_000)
    barriers.close()
    await turn()

    assert.equal(outcomes(), 0)
    assert.ok(gathered.every(({ outcome }) => outcome === 'CHP_STORE_NOT_DURABLE'))
    assert.deepEqual([first.outcome, server.waits.length], ['CHP_STORE_NOT_DURABLE', 1])
  })

  it('waits at every master by a connection of its own', async () => {
    const [one, other] = [aServer(), aServer({ address: '127.0.0.1:2', id: 'bbb' })]
    const links = [one.link(), other.link()]
    const barriers = new Barriers(OPTIONS, () => [...links, null])
    await barriers.prepare(1000)

    const commits = links.map(link => watched(barriers.passed(link)))
    await turn()
    one.waits[0]!.answer(1)
    await turn()

    assert.deepEqual(
      commits.map(({ outcome }) => outcome),
      ['passed', 'waits']
    )
    other.waits[0]!.answer(0)
    await turn()
    assert.equal(commits[1]!.outcome, 'CHP_STORE_NOT_DURABLE')
  })

  it('leaves a master that was replaced', async () => {
    const [former, next] = [aServer(), aServer({ address: '127.0.0.1:2', id: 'bbb' })]
    const links = [former.link()]
    const barriers = new Barriers(OPTIONS, () => links)
    await barriers.prepare(1000)
    const commit = watched(barriers.passed(links[0]!))
    await turn()

    links[0] = next.link()
    assert.equal(await barriers.passed(links[0]), null)

    assert.deepEqual([former.closed, next.closed], [1, 0])
    assert.equal(commit.outcome, 'CHP_STORE_NOT_DURABLE')
  })
})
