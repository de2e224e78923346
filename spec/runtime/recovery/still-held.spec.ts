import assert from 'node:assert/strict'
import { type ConversationRecord, HANDOVER_TIMER } from '../../../lib/conversation/record.ts'
import { stillHeld } from '../../../lib/runtime/recovery/still-held.ts'
import type { InboxRow } from '../../../lib/store/conversation-store.ts'
import { smallBot } from '../../flow/small-bot.ts'
import { START_MS, Talk } from '../../flow/talk.ts'

type Held = NonNullable<ConversationRecord['meta']['held']>

const byEve: Held = { at: 1, by: 'eve', told: true }
const byStep: Held = { at: 1, by: 'shop.person', told: true, handover: true }
const timer = { id: HANDOVER_TIMER, dueMs: START_MS, what: 'return' }

/** Who holds the record that was gone back to, after these notes, the newest first. */
function heldBy(
  held: Held | null,
  kinds: readonly string[],
  timers = [timer],
  waiting: readonly InboxRow['why'][] = [],
  version = 9
): string | null {
  const { state } = new Talk(smallBot)
  const meta = held === null ? state.meta : { ...state.meta, held }
  const history = kinds.map((kind, index) => ({
    version: 9 - index,
    head: `h${index}`,
    row: JSON.stringify({ at: 5, notes: [{ kind, by: 'bob', reason: 'r' }] })
  }))
  const { meta: after } = stillHeld(
    { ...state, meta, timers },
    history,
    waiting.map(why => ({ why, row: '' })),
    version
  )
  const { held: now } = after
  return now === undefined ? null : `${now.by}${now.handover === true ? ' (handover)' : ''}`
}

describe('an older record that is gone back to', () => {
  it('is held as the newest word of an operator has it', () => {
    assert.equal(heldBy(null, ['held']), 'bob')
    assert.equal(heldBy(byEve, ['held']), 'eve')
    assert.equal(heldBy(byEve, ['resumed', 'held']), null)
    assert.equal(heldBy(byEve, []), 'eve')
  })

  it('stays with a person only where it says so itself and its time is set', () => {
    assert.equal(heldBy(byStep, ['handedOver']), 'shop.person (handover)')
    assert.equal(heldBy(null, ['handedOver']), null)
    assert.equal(heldBy(byStep, ['handedOver'], []), null)
    assert.equal(heldBy(byStep, [], []), null)
    assert.equal(heldBy(byStep, []), 'shop.person (handover)')
  })

  it('is held when no word is left and what came last was made to wait for it', () => {
    assert.equal(heldBy(null, [], [], ['hold', 'hold']), 'recovery')
    assert.equal(heldBy(null, ['resumed'], [], ['hold', 'hold']), null)
    assert.equal(heldBy(null, [], [], ['hold', 'call']), null)
    // Nobody could read the record then, nor whether it was held.
    assert.equal(heldBy(null, [], [], ['hold', 'unreadable', 'future']), 'recovery')
    assert.equal(heldBy(byEve, [], [], ['hold']), 'eve')
  })

  it('is not held where no version is without its row, and none has such a word', () => {
    const none = ['moved', 'moved']
    assert.equal(heldBy(null, none, [], ['hold'], 2), null)
    assert.equal(heldBy(null, none, [], ['hold'], 3), 'recovery')
  })

  it('is no longer with a person who has given it back', () => {
    assert.equal(heldBy(byStep, ['handedBack', 'handedOver']), null)
  })

  it('is held by the operator who held it on top of that', () => {
    assert.equal(heldBy(byStep, ['held', 'handedOver']), 'bob')
  })
})
