import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../lib/ops/parked-events.ts'
import { aWorld, type Process, until, type World } from './a-world.ts'
import { listed } from './broken-crowd.ts'
import { SENT } from './recorded-channel.ts'

export const BY = { by: 'eve', reason: 'their number was mended' } as const
export const REFUSED: Sent = { tag: 'refused', why: 'code 131026: undeliverable', code: '131026' }

/** A process whose channel gives this answer to the first reply of a conversation. */
export async function refusing(world: World, answer = REFUSED) {
  const process = await world.start()
  process.channel.answer = ({ key }) => (key.split('.')[2] === '1' ? answer : SENT)
  return process
}

/** A world in which the reply to the first message was refused for good, and parked. */
export async function refused() {
  const world = aWorld()
  const process = await refusing(world)
  await process.say('m0')
  await world.pass(2_000)
  return { world, process }
}

export const parkedOf = async (world: World, process: Process, settled = false) =>
  listed(
    await until(
      world.clock,
      operatorOf(process.runtime).parkedEvents(process.chat().id, { settled })
    )
  )

export const stateOf = async (world: World, process: Process) => {
  const { undelivered, acknowledgedThrough } = await world.model.load(process.chat().id)
  const parked = await world.model.parked(process.chat().id)
  return [undelivered.map(({ sequence }) => sequence), acknowledgedThrough, parked.length]
}

export const asked = async <T>(
  world: World,
  process: Process,
  what: (ops: Operator) => Promise<T>
) => {
  const answer = await until(world.clock, what(operatorOf(process.runtime)))
  await world.pass(3_000)
  return answer
}

export const firstOf = ([first]: readonly ParkedEvent[]): ParkedEvent =>
  first ?? assert.fail('nothing is parked')
