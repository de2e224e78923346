import assert from 'node:assert/strict'
import { heldReplies } from '../../lib/runtime/held-replies.ts'
import type { AskedHold, HoldOutcome } from '../../lib/store/reply-hold.ts'

const MS = 21_000
const STARTED_MS = 1_000_000

/** What is asked of a store where a process of our name was given the hold at this time. */
async function askedOver(heldSinceMs: number): Promise<{ tag: string; asked: AskedHold[] }> {
  const asked: AskedHold[] = []
  const other = { by: 'one/a', untilMs: heldSinceMs + MS, acknowledgedThrough: 0 }
  const holdReplies = async (_id: string, _epoch: string, ask: AskedHold): Promise<HoldOutcome> => {
    asked.push(ask)
    return { ...other, tag: ask.over === other.by ? 'held' : 'other' }
  }
  const me = { instance: 'one', process: 'one/b', startedAtMs: STARTED_MS }
  const parts = { ...me, gate: { store: { holdReplies } } } as unknown as Parameters<
    typeof heldReplies
  >[0]
  const { tag } = await heldReplies(parts, 'c', 'e', MS)
  return { tag, asked }
}

describe('a hold that a process of the same name has', () => {
  it('is taken over when it was given before this one started', async () => {
    const { tag, asked } = await askedOver(STARTED_MS - 1)
    assert.equal(tag, 'held')
    assert.deepEqual(asked, [
      { by: 'one/b', ms: MS },
      { by: 'one/b', ms: MS, over: 'one/a' }
    ])
  })

  it('is left to it when it was given after that', async () => {
    const { tag, asked } = await askedOver(STARTED_MS)
    assert.equal(tag, 'other')
    assert.equal(asked.length, 1)
  })
})
