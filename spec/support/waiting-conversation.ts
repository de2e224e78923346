import { aCall, type ControlledCall } from './a-call.ts'
import { aWorld, type Process, type World } from './a-world.ts'
import { type ChainOptions, chainProgram } from './chain-program.ts'

/** What the call answers in the end. */
export const OK = { outcome: 'ok', output: { n: 1 } }

/** A conversation that waits for a call since `m0`. */
export async function waitingConversation(
  options: ChainOptions = {}
): Promise<{ world: World; process: Process; pay: ControlledCall }> {
  const world = aWorld()
  const pay = aCall('pay')
  const bot = chainProgram({ ...options, calls: { pay: pay.definition } })
  const process = await world.start({ bot })
  await process.say('m0', 'call pay')
  return { world, process, pay }
}

/** The chain over all that the conversation has taken. */
export async function storedChain(process: Process): Promise<unknown> {
  return (await process.chat().inspect())?.data['chain']
}

/** `m1`, `m2` and so on. */
export function messages(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `m${n + 1}`)
}
