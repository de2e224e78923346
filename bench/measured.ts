import { Redis } from 'ioredis'
import { closedLoop, quantile } from './closed-loop.ts'
import { type Contestant, type Load, type Round, type Setup, turnsOf } from './contestant.ts'

/** Empties the server, sets a contestant up, warms it, measures it and checks what it left. */
export async function measured<T>(
  setup: Setup<T>,
  url: string,
  load: Load,
  recording: string
): Promise<Round> {
  const server = new Redis(url)
  let contestant: Contestant<T> | null = null
  try {
    await server.flushall()
    contestant = await setup(url, load, recording)
    const { conversations, warmTurns, turns } = load
    const messages = conversations * turns
    const tookUs = new Float64Array(conversations * Math.max(warmTurns, turns))
    await closedLoop(load, contestant, [0, warmTurns], tookUs)
    globalThis.gc?.()
    const redisBeforeUs = await mainThreadUs(server)
    const nodeBefore = process.cpuUsage()
    const startedMs = performance.now()
    await closedLoop(load, contestant, [warmTurns, turnsOf(load)], tookUs)
    const seconds = (performance.now() - startedMs) / 1000
    const node = process.cpuUsage(nodeBefore)
    const redisUs = ((await mainThreadUs(server)) - redisBeforeUs) / messages
    await contestant.verify(turnsOf(load))
    const sorted = tookUs.subarray(0, messages).sort()
    return {
      messages,
      perSecond: messages / seconds,
      p50Us: quantile(sorted, 0.5),
      p99Us: quantile(sorted, 0.99),
      redisUs,
      nodeUs: (node.user + node.system) / messages,
      verified: conversations
    }
  } finally {
    await contestant?.close()
    server.disconnect()
  }
}

async function mainThreadUs(server: Redis): Promise<number> {
  const info = await server.info('cpu')
  const seconds = (kind: string): number =>
    Number(new RegExp(`^used_cpu_${kind}_main_thread:([\\d.]+)`, 'm').exec(info)?.[1])
  return (seconds('user') + seconds('sys')) * 1e6
}
