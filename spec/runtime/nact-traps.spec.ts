import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { Actor } from '../../lib/runtime/nact.ts'
import { spawnActor, spawnSupervisor, startSystem, stop, tell } from '../../lib/runtime/nact.ts'
import { aWorld } from '../support/a-world.ts'
import { bare, quiet } from '../support/bare-nact.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const noCrash = (): Promise<void> => Promise.resolve()
const unexpected = (error: unknown): never => assert.fail(String(error))

// Each first shows the trap of nact 7.6.2 on bare nact, used as its documentation does, then that
// the facade, or the runtime on it, does not have it. `docs/nact.md` lists all 35.
describe('a trap of nact', () => {
  it('T1: stop leaves the children at work; the runtime stops its leaves itself', async () => {
    const taken: number[] = []
    const system = bare.start()
    const parent = bare.spawn(system, () => true, 'parent')
    const child = bare.spawn(parent, (_state, n: never) => taken.push(n), 'child')
    for (let n = 0; n < 5; n += 1) bare.dispatch(child, n)
    bare.stop(parent)
    await quiet()
    assert.equal(taken.length, 5)

    assert.deepEqual(await takenAfterStop(), ['stopping', 'stopping', 'stopping'])
  })

  it('T2: the stop of a system stops nothing; a stopped runtime takes nothing', async () => {
    const taken: number[] = []
    const system = bare.start()
    const actor = bare.spawn(system, (_state, n: never) => taken.push(n), 'actor')
    for (let n = 0; n < 4; n += 1) bare.dispatch(actor, n)
    bare.stop(system)
    await quiet()
    assert.equal(taken.length, 4)

    const world = aWorld()
    const process = await world.start()
    void process.runtime.stop()
    assert.equal((await process.say('m0')).tag, 'shed')
    await world.settle()
    assert.equal(world.landed.length, 0)
  })

  it('T3, T4: a stop drops what is queued, in silence; ours is queued outside of it', async () => {
    const taken: number[] = []
    const actor = bare.spawn(bare.start(), (_state, n: never) => taken.push(n), 'actor')
    for (let n = 0; n < 4; n += 1) bare.dispatch(actor, n)
    bare.stop(actor)
    bare.dispatch(actor, 4)
    await quiet()
    assert.deepEqual(taken, [])

    assert.deepEqual(await takenAfterStop(), ['stopping', 'stopping', 'stopping'])
  })

  it('T5: a stopped actor still writes beside its namesake; ours meets the fence', async () => {
    const seen: string[] = []
    const system = bare.start()
    const life = (name: string) => async (): Promise<void> => {
      seen.push(`${name} start`)
      await setImmediate()
      await setImmediate()
      seen.push(`${name} write`)
    }
    const old = bare.spawn(system, life('old'), 'same')
    bare.dispatch(old, 1)
    await setImmediate()
    bare.stop(old)
    bare.dispatch(bare.spawn(system, life('new'), 'same'), 1)
    await quiet()
    assert.deepEqual(seen.slice(-2), ['old write', 'new write'])

    // Two processes of one conversation: whoever is older meets the fence of the store.
    const world = aWorld()
    const [one, two] = [await world.start(), await world.start()]
    await one.say('m0')
    const held = world.store.hold('commit')
    const slow = one.say('m1')
    await held.arrived
    await two.say('m2')
    held.release()
    await world.settle()
    assert.equal((await slow).tag, 'committed')
    assert.deepEqual(
      world.landed.map(({ version }) => version),
      [1, 2, 3]
    )
  })

  it('T11: the message that failed is dropped; ours runs again', async () => {
    const taken: number[] = []
    const actor = bare.spawn(
      bare.start(),
      (_state, n: never) => {
        taken.push(n)
        if (n === 2 && taken.filter(one => one === 2).length === 1) throw new Error('planned')
        return true
      },
      'actor',
      { onCrash: (_message: unknown, _error: unknown, { reset }: { reset: unknown }) => reset }
    )
    for (const n of [1, 2, 3]) bare.dispatch(actor, n)
    await quiet()
    assert.deepEqual(taken, [1, 2, 3])

    let runs = 0
    const world = aWorld()
    const hook = (_state: unknown, { id }: { id: string }): undefined => {
      if (id !== 'm2') return undefined
      runs += 1
      if (runs === 1) throw new Error('planned')
      return undefined
    }
    const process = await world.start({ bot: chainProgram({ hook }) })
    for (const id of ['m1', 'm2', 'm3']) void process.say(id)
    await world.settle()
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m1', 'm2', 'm3']))
  })

  it('T12: a parent that resumes leaves its child busy for ever; ours is never asked', async () => {
    const taken: number[] = []
    const resumes = (_m: unknown, _e: unknown, { resume }: { resume: unknown }): unknown => resume
    const parent = bare.spawn(bare.start(), () => true, 'parent', { onCrash: resumes })
    const child = bare.spawn(
      parent,
      (_state, n: never) => {
        taken.push(n)
        if (n === 1) throw new Error('planned')
        return true
      },
      'child',
      { onCrash: (_m: unknown, _e: unknown, { escalate }: { escalate: unknown }) => escalate }
    )
    for (const n of [1, 2, 3]) bare.dispatch(child, n)
    await quiet()
    assert.deepEqual(taken, [1])

    assert.deepEqual(await takenThroughCrash(), [1, 2, 3])
  })

  it('T15, T16: an onCrash that answers nothing stops the actor and prints', async () => {
    const printed: string[] = []
    const write = process.stdout.write.bind(process.stdout)
    process.stdout.write = ((chunk: string) => {
      printed.push(chunk)
      return true
    }) as typeof process.stdout.write
    const taken: number[] = []
    try {
      const actor = bare.spawn(bare.start(), (_state, n: never) => {
        taken.push((n as { n: number }).n)
        throw new Error('planned')
      })
      for (const n of [1, 2]) bare.dispatch(actor, { n, card: '4111' })
      await quiet()
    } finally {
      process.stdout.write = write
    }
    assert.deepEqual(taken, [1])
    assert.ok(printed.length > 0)

    assert.deepEqual(await takenThroughCrash(), [1, 2, 3])
  })

  it('T27, T28, T29: names drawn, refused or haunted; ids fit, and serve again', async () => {
    const system = bare.start()
    assert.throws(() => bare.spawn(system, () => true, 'telegram:1'))
    assert.throws(() => bare.spawn(system, () => true, 'a@b'))

    const root = startSystem('s')
    for (let life = 0; life < 3; life += 1) {
      const actor = spawnActor(root, 'AZaz09-_AZaz09-_AZaz09', noCrash, noCrash, unexpected)
      stop(actor)
    }
    stop(root)
  })

  it('T31: a handler that answers nothing loses its state; ours keeps it outside', async () => {
    const states: unknown[] = []
    const actor = bare.spawn(bare.start(), (state: unknown) => void states.push(state), 'actor', {
      initialState: 7
    })
    for (const n of [1, 2]) bare.dispatch(actor, n)
    await quiet()
    assert.deepEqual(states, [7, undefined])

    let kept = 0
    const ours = spawnActor<number>(
      startSystem('s'),
      'a',
      n => {
        kept += n
        return Promise.resolve()
      },
      noCrash,
      unexpected
    )
    for (const n of [1, 2]) tell(ours, n)
    await quiet()
    assert.equal(kept, 3)
  })

  it('T32: a mailbox without a bound takes all there is; ours sheds with a reason', async () => {
    let taken = 0
    const actor = bare.spawn(
      bare.start(),
      async () => {
        taken += 1
        await new Promise(() => undefined)
      },
      'actor'
    )
    for (let n = 0; n < 10_000; n += 1) bare.dispatch(actor, n)
    await quiet()
    assert.equal(taken, 1)

    const world = aWorld()
    const process = await world.start()
    const held = world.store.hold('load')
    const receipts = Array.from({ length: 100 }, (_, index) => process.say(`m${index}`))
    await held.arrived
    held.release()
    await world.settle()
    const shed = (await Promise.all(receipts)).filter(({ tag }) => tag === 'shed')
    assert.equal(shed.length, 68)
  })
})

/** Receipts of what waits when a runtime gives its grace up. */
async function takenAfterStop(): Promise<readonly string[]> {
  const world = aWorld()
  const process = await world.start()
  const held = world.store.hold('load')
  const receipts = ['m0', 'm1', 'm2'].map(id => process.say(id))
  await held.arrived
  const stopped = process.runtime.stop({ graceMs: 0 })
  await world.pass(100)
  held.release()
  await world.pass(10_000)
  await stopped
  const answers = await Promise.all(receipts)
  assert.equal(world.landed.length, 0)
  return answers.map(answer => (answer.tag === 'shed' ? answer.reason : answer.tag))
}

/** What an actor of the facade takes when it crashes on the first message. */
async function takenThroughCrash(): Promise<readonly number[]> {
  const taken: number[] = []
  const shard = spawnSupervisor(startSystem('s'), '001')
  const actor: Actor<number> = spawnActor<number>(
    shard,
    'a',
    n => {
      taken.push(n)
      return n === 1 ? Promise.reject(new Error('planned')) : Promise.resolve()
    },
    noCrash,
    unexpected
  )
  for (const n of [1, 2, 3]) tell(actor, n)
  await quiet()
  return taken
}
