import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../lib/kernel/clock.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { chainProgram } from '../support/chain-program.ts'

const LIVE = 10_000
const ILL = 100
/** Messages of the healthy, and the pause between two of them. */
const TAKEN = 1_500
const EVERY_MS = 4
const PAIRS = 5

describe('10,000 live conversations', function () {
  this.timeout(900_000)

  it('feel neither 1 % that always fail nor one that floods: p99 within 2 x', async () => {
    const ratios: number[] = []
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const isFirst = pair % 2 === 0
      const one = await measured(isFirst)
      const two = await measured(!isFirst)
      const [ill, well] = isFirst ? [one, two] : [two, one]
      ratios.push(ill.p99 / well.p99)
      process.stdout.write(`${JSON.stringify({ event: 'pair', ill, well })}\n`)
      assert.equal(ill.supervisorFaults + well.supervisorFaults, 0)
      assert.ok(ill.crashes > 10 && ill.flooded > 10)
    }
    const median = ratios.sort((left, right) => left - right)[Math.floor(PAIRS / 2)]!
    process.stdout.write(`${JSON.stringify({ event: 'ratio', median, ratios })}\n`)
    assert.ok(median < 2, `median ${median} of ${ratios.join(', ')}`)
  })
})

interface Measured {
  readonly p99: number
  readonly p50: number
  readonly crashes: number
  readonly flooded: number
  readonly supervisorFaults: number
}

/** How long the healthy wait, in ms: among ill neighbours, or without them. */
async function measured(isIll: boolean): Promise<Measured> {
  let supervisorFaults = 0
  let crashes = 0
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (id.startsWith('bad')) throw new Error('planned')
      return undefined
    }
  })
  const error = (fields: object): void => {
    const { event } = fields as { event?: string }
    if (event === 'supervision.failed') supervisorFaults += 1
    if (event === 'actor.crashed') crashes += 1
  }
  const quiet = (): void => undefined
  const runtime = createRuntime({
    bot,
    store: memoryStore({ clock: systemClock }),
    logger: { debug: quiet, info: quiet, warn: quiet, error },
    limits: { queuedEvents: 100_000, loopLagMs: 10_000 }
  })
  await runtime.start()
  await Promise.all(Array.from({ length: LIVE }, (_, user) => said(runtime, user, 'm')))
  const loads = { isOver: false, flooded: 0 }
  const neighbours = isIll ? [failing(runtime, loads), flooding(runtime, loads)] : []
  const waits = await healthy(runtime)
  loads.isOver = true
  await Promise.all(neighbours)
  await runtime.stop({ graceMs: 30_000 })
  waits.sort((left, right) => left - right)
  const at = (share: number): number => waits[Math.floor(waits.length * share)]!
  return { p99: at(0.99), p50: at(0.5), crashes, flooded: loads.flooded, supervisorFaults }
}

async function healthy(runtime: Runtime): Promise<number[]> {
  const waits: number[] = []
  const pending: Promise<string>[] = []
  const startMs = performance.now()
  for (let index = 0; index < TAKEN; index += 1) {
    while (performance.now() < startMs + index * EVERY_MS) await setImmediate()
    const fromMs = performance.now()
    const user = ILL + 1 + (index % (LIVE - ILL - 1))
    const one = said(runtime, user, `w${index}`).then(tag => {
      waits.push(performance.now() - fromMs)
      return tag
    })
    pending.push(one)
  }
  assert.deepEqual(new Set(await Promise.all(pending)), new Set(['committed']))
  return waits
}

/** Every hundredth message of the load is one of the first hundred members: each of them fails. */
async function failing(runtime: Runtime, loads: { isOver: boolean }): Promise<void> {
  const pending: Promise<unknown>[] = []
  for (let index = 0; !loads.isOver; index += 1) {
    pending.push(said(runtime, index % ILL, `bad${index}`))
    await rest(EVERY_MS * 100)
  }
  await Promise.all(pending)
}

/** One member sends a hundred times what each of the others does. */
async function flooding(
  runtime: Runtime,
  loads: { isOver: boolean; flooded: number }
): Promise<void> {
  const pending: Promise<unknown>[] = []
  for (; !loads.isOver; loads.flooded += 1) {
    pending.push(said(runtime, ILL, `flood${loads.flooded}`))
    await rest((LIVE * EVERY_MS) / 100)
  }
  await Promise.all(pending)
}

function rest(ms: number): Promise<void> {
  return new Promise(resolve => {
    systemClock.after(ms, resolve)
  })
}

async function said(runtime: Runtime, user: number, id: string): Promise<string> {
  const chat = runtime.conversation({ channel: 'chan', account: 'a', user: `u${user}` })
  const receipt = await chat.receive({ id, content: { kind: 'text', text: 'silent' } })
  return receipt.tag === 'shed' ? `shed: ${receipt.reason}` : receipt.tag
}
