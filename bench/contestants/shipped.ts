import type { Redis } from 'ioredis'
import { CorkedSocket } from '../../lib/store/redis/corked-socket.ts'
import { commitScript } from '../../lib/store/redis/scripts/commit.ts'
import { bareClient, checkVersions } from '../bare-client.ts'
import { type Contestant, type Load, turnsOf } from '../contestant.ts'
import { type Call, readRecording, stateKeyOf } from '../recording.ts'

type Reply = readonly [tag: string]

/**
 * The floor of the shipped script: a bare loop that sends what Chaperone sent, key by key and
 * argument by argument, and does nothing else.
 */
export async function shipped(
  url: string,
  load: Load,
  recording: string
): Promise<Contestant<Reply>> {
  const calls = recordedFor(load, recording)
  return replaying(await bareClient(url), calls)
}

/** The same loop with a busy turn of the event loop in few writes, as the store sends it. */
export async function shippedCorked(
  url: string,
  load: Load,
  recording: string
): Promise<Contestant<Reply>> {
  const calls = recordedFor(load, recording)
  const redis = await bareClient(url)
  const socket = new CorkedSocket(redis)
  const { take, check, ...rest } = await replaying(redis, calls)
  return {
    ...rest,
    take: (at, turn) => {
      socket.sending()
      return take(at, turn)
    },
    check: (reply, at, turn) => {
      socket.landed()
      check(reply, at, turn)
    }
  }
}

async function replaying(
  redis: Redis,
  calls: readonly (readonly Call[])[]
): Promise<Contestant<Reply>> {
  await redis.script('LOAD', commitScript.lua)
  return {
    take: (at, turn) => redis.evalsha(...calls[at]![turn]!) as Promise<Reply>,
    check: ([tag]) => {
      if (tag !== 'committed') throw new Error(`The script answered "${tag}" to a replay.`)
    },
    verify: async turns => {
      const standings = await Promise.all(calls.map(([call]) => redis.hget(stateKeyOf(call), 'm')))
      checkVersions(
        standings.map(standing => Number(standing?.split(':')[1])),
        turns
      )
    },
    close: async () => redis.disconnect()
  }
}

function recordedFor(load: Load, recording: string): readonly (readonly Call[])[] {
  const calls = readRecording(recording)
  const isWhole =
    calls.length === load.conversations && calls.every(own => own.length === turnsOf(load))
  if (isWhole) return calls
  throw new Error('The recording holds another number of commits than the load has turns.')
}
