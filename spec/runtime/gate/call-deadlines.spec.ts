import assert from 'node:assert/strict'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { CallDeadlines, type Pending } from '../../../lib/runtime/gate/call-deadlines.ts'

/** A clock of a process that is busy: every timer runs late by this much. */
function busyClock(lateMs: number): { readonly clock: Clock; readonly next: () => void } {
  let nowMs = 0
  let waiting: (readonly [dueMs: number, run: () => void])[] = []
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      const timer = [nowMs + delayMs, run] as const
      waiting.push(timer)
      return () => {
        waiting = waiting.filter(other => other !== timer)
      }
    }
  }
  const next = (): void => {
    const timer = waiting.shift()
    if (timer === undefined) return
    nowMs = timer[0] + lateMs
    timer[1]()
  }
  return { clock, next }
}

describe('the deadlines of calls', () => {
  it('are kept by a process that is always late', async () => {
    const { clock, next } = busyClock(400)
    const deadlines = new CallDeadlines(clock, 1_000)
    let expiredMs = 0
    const call: Pending = {
      startedMs: 0,
      withinMs: 3_000,
      waits: () => undefined,
      expired: () => {
        expiredMs = clock.monotonicMs()
      },
      before: null,
      after: null
    }
    deadlines.watch(call)

    for (let look = 0; look < 20 && expiredMs === 0; look += 1) {
      next()
      await Promise.resolve()
    }

    assert.ok(expiredMs >= 3_000 && expiredMs <= 3_000 + 2 * 650, `given up at ${expiredMs} ms`)
  })

  it('leave the first look after a pause to the answers behind it', async () => {
    const { clock, next } = busyClock(60_000)
    const deadlines = new CallDeadlines(clock, 1_000)
    let given = 0
    const call: Pending = {
      startedMs: 0,
      withinMs: 3_000,
      waits: () => undefined,
      expired: () => {
        given += 1
      },
      before: null,
      after: null
    }
    deadlines.watch(call)

    next()
    await Promise.resolve()
    deadlines.answered(call)
    next()

    assert.equal(given, 0)
  })
})
