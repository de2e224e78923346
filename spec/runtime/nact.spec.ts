import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { spawnActor, spawnSupervisor, startSystem, stop, tell } from '../../lib/runtime/nact.ts'

const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn += 1) await setImmediate()
}
const noCrash = (): Promise<void> => Promise.resolve()
const unexpected = (error: unknown): never => assert.fail(`unforeseen: ${String(error)}`)

// Numbers are those of the traps of nact 7.6.2 that were measured before this was built.
describe('the facade of nact', () => {
  const rejections: unknown[] = []
  const printed: string[] = []
  const note = (error: unknown): void => void rejections.push(error)
  const terminal = process.stdout
  const write = terminal.write.bind(terminal)

  before(() => {
    process.on('unhandledRejection', note)
    terminal.write = ((chunk: string, ...rest: never[]) => {
      if (chunk.startsWith('Stopping')) printed.push(chunk)
      return write(chunk, ...rest)
    }) as typeof terminal.write
  })
  after(() => {
    process.off('unhandledRejection', note)
    terminal.write = write
  })
  afterEach(async () => {
    await quiet()
    assert.deepEqual(rejections, [])
    assert.deepEqual(printed, [])
  })

  it('takes messages one at a time, in order (10: no second chain of handlers)', async () => {
    const root = startSystem('s')
    const taken: number[] = []
    let inside = 0
    const actor = spawnActor<number>(
      root,
      'a',
      async n => {
        inside += 1
        assert.equal(inside, 1)
        await setImmediate()
        taken.push(n)
        inside -= 1
        if (n % 3 === 0) throw new Error('planned')
      },
      noCrash,
      unexpected
    )

    for (let n = 0; n < 9; n += 1) tell(actor, n)
    await quiet()

    assert.deepEqual(taken, [0, 1, 2, 3, 4, 5, 6, 7, 8])
    stop(actor)
    stop(root)
  })

  it('stays busy while a crash is judged, so that order is kept (good news)', async () => {
    const root = startSystem('s')
    const seen: string[] = []
    const actor = spawnActor<number>(
      root,
      'a',
      n => {
        seen.push(`take ${n}`)
        return n === 1 ? Promise.reject(new Error('planned')) : Promise.resolve()
      },
      async () => {
        await quiet()
        seen.push('judged')
      },
      unexpected
    )

    for (const n of [1, 2]) tell(actor, n)
    await quiet()
    await quiet()

    assert.deepEqual(seen, ['take 1', 'judged', 'take 2'])
    stop(root)
  })

  it('outlives a judge that throws or rejects (7: no end of the process)', async () => {
    const root = startSystem('s')
    const unforeseen: string[] = []
    const taken: number[] = []
    for (const judge of [
      () => Promise.reject(new Error('rejects')),
      () => {
        throw new Error('throws')
      }
    ]) {
      const actor = spawnActor<number>(
        root,
        judge.toString().includes('reject') ? 'a' : 'b',
        n => {
          taken.push(n)
          return n === 1 ? Promise.reject(new Error('planned')) : Promise.resolve()
        },
        judge,
        error => void unforeseen.push((error as Error).message)
      )
      for (const n of [1, 2]) tell(actor, n)
      await quiet()
    }

    assert.deepEqual(unforeseen, ['rejects', 'throws'])
    assert.deepEqual(taken, [1, 2, 1, 2])
    stop(root)
  })

  it('drops what is told to a stopped actor, in silence (4): nobody waits on it', async () => {
    const root = startSystem('s')
    const taken: number[] = []
    const actor = spawnActor<number>(
      root,
      'a',
      n => Promise.resolve(void taken.push(n)),
      noCrash,
      unexpected
    )
    tell(actor, 1)
    stop(actor)
    tell(actor, 2)
    await quiet()

    assert.deepEqual(taken, [])
    stop(root)
  })

  it('lets a stopped actor crash in peace (5, 6: a zombie ends no process)', async () => {
    const root = startSystem('s')
    let crashes = 0
    const actor = spawnActor<number>(
      root,
      'a',
      async () => {
        await setImmediate()
        await setImmediate()
        throw new Error('planned')
      },
      () => {
        crashes += 1
        return Promise.resolve()
      },
      unexpected
    )
    tell(actor, 1)
    await setImmediate()
    await setImmediate()
    stop(actor)
    stop(actor)
    await quiet()

    assert.equal(crashes, 1)
    stop(root)
  })

  it('lets a name be used again at once after a stop (27, 29)', async () => {
    const root = startSystem('s')
    const taken: string[] = []
    for (const life of ['one', 'two']) {
      const actor = spawnActor<string>(
        root,
        'same',
        word => Promise.resolve(void taken.push(`${life} ${word}`)),
        noCrash,
        unexpected
      )
      tell(actor, 'x')
      if (life === 'one') await quiet()
      if (life === 'one') stop(actor)
    }
    await quiet()

    assert.deepEqual(taken, ['one x', 'two x'])
    stop(root)
  })

  it('takes every conversation id for a name (28), under nested supervisors', async () => {
    const root = startSystem('s')
    const shards = spawnSupervisor(root, 'shards')
    const shard = spawnSupervisor(shards, '255')
    const taken: string[] = []
    for (const id of ['AZaz09-_', '----', '__', '-']) {
      const actor = spawnActor<string>(
        shard,
        id,
        () => Promise.resolve(void taken.push(id)),
        noCrash,
        unexpected
      )
      tell(actor, 'take')
    }
    await quiet()

    assert.equal(taken.length, 4)
    stop(shard)
    stop(shards)
    stop(root)
  })

  it('never hands a crash up (12 to 16: no neighbour stops, nothing is printed)', async () => {
    const root = startSystem('s')
    const shard = spawnSupervisor(spawnSupervisor(root, 'shards'), '001')
    const taken: number[] = []
    const ill = spawnActor<number>(
      shard,
      'ill',
      () => Promise.reject(new Error('card 4111')),
      noCrash,
      unexpected
    )
    const well = spawnActor<number>(
      shard,
      'well',
      n => Promise.resolve(void taken.push(n)),
      noCrash,
      unexpected
    )
    for (let n = 0; n < 20; n += 1) {
      tell(ill, n)
      tell(well, n)
    }
    await quiet()
    await quiet()

    assert.equal(taken.length, 20)
    stop(root)
  })

  it('keeps systems of one name apart: each has actors of its own', async () => {
    const one = startSystem('same')
    const two = startSystem('same')
    const taken: string[] = []
    const actors = [one, two].map((root, index) =>
      spawnActor<string>(
        root,
        'a',
        () => Promise.resolve(void taken.push(`system ${index}`)),
        noCrash,
        unexpected
      )
    )
    for (const actor of actors) tell(actor, 'take')
    await quiet()
    stop(one)
    tell(actors[1]!, 'take')
    await quiet()

    assert.deepEqual(taken, ['system 0', 'system 1', 'system 1'])
    stop(two)
  })
})
