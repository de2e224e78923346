import assert from 'node:assert/strict'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../lib/ops/parked-events.ts'
import type { SendAlarm } from '../../lib/runtime/alarms.ts'
import type { Policy } from '../../lib/supervision/policy.ts'
import { aWorld, type Process, until, type World } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

export const BY = { by: 'eve', reason: 'mended' } as const
export const PARKS = { rules: [{ do: 'park' }] } as const

/** A world in which one bug has broken conversations. */
export interface Broken {
  readonly world: World
  readonly process: Process
  readonly mend: () => void
  readonly ask: <T>(what: (ops: Operator) => Promise<T>) => Promise<T>
}

interface Told {
  /** Ids of what each of them says; what begins with `bad` fails until the bot is mended. */
  readonly said?: readonly string[]
  readonly sendAlarm?: SendAlarm
}

/** Conversations that each took `m0`, failed on `bad`, and heard `m1` behind it. */
export async function brokenCrowd(
  policy: Partial<Policy>,
  users: readonly string[],
  { said = ['m0', 'bad', 'm1'], sendAlarm }: Told = {}
): Promise<Broken> {
  let isIll = true
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (isIll && id.startsWith('bad')) throw new TypeError('words of a member: 4111')
      return undefined
    }
  })
  const world = aWorld()
  const process = await world.start({ bot, policy, ...(sendAlarm && { sendAlarm }) })
  for (const id of said) {
    for (const user of users) void process.say(id, 'words of a member: 4111', user)
    await world.settle()
  }
  const mend = (): void => {
    isIll = false
  }
  const ask: Broken['ask'] = async what => {
    const answer = await until(world.clock, what(operatorOf(process.runtime)))
    await world.settle()
    return answer
  }
  return { world, process, mend, ask }
}

/** The events of an answer that is no refusal. */
export function listed(
  events: readonly ParkedEvent[] | { readonly tag: string }
): readonly ParkedEvent[] {
  assert.ok(Array.isArray(events))
  return events as readonly ParkedEvent[]
}

export function idOf(process: Process, user: string): string {
  return process.chat(user).id
}

export async function chainOf(process: Process, user: string): Promise<unknown> {
  return (await process.chat(user).inspect())?.data['chain']
}
