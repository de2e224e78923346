import assert from 'node:assert/strict'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { conversationId } from '../../lib/store/identity.ts'
import { aCommit, done } from '../../lib/testing/store-contract/store-check.ts'

const long = 'x'.repeat(4096)
const USERS = [
  '',
  ' ',
  '\0',
  '\0\0',
  '{',
  '}',
  '{0}',
  ':',
  'a:b',
  '*',
  '?',
  '..',
  '/',
  '__proto__',
  'constructor',
  '\u00e9',
  'e\u0301',
  '\u202eabc',
  'abc\u202c',
  '👩‍👩‍👧',
  '👩',
  '\ud800',
  '\udfff',
  '\ufffd',
  '\ufeff',
  long,
  `${long}y`,
  '\r\n',
  '\u2028',
  'ﬀ',
  'ff'
]

/** Begins a conversation for each of many hostile users and finds each again, its own alone. */
export async function holdsApart(store: ConversationStore): Promise<void> {
  const idKey = new Uint8Array(32).fill(7)
  const ids = USERS.map(user => conversationId(idKey, { channel: 'c:{}', account: '\0', user }))
  assert.equal(new Set(ids).size, USERS.length)
  const before = (await store.stats()).conversations
  for (const [at, id] of ids.entries()) {
    await done(store, id, aCommit(null, { record: `record ${at}`, replies: [`reply ${at}`] }))
  }
  for (const [at, id] of ids.entries()) {
    const { record, undelivered, fence } = await store.load(id)
    assert.deepEqual([record, undelivered.length, fence?.version], [`record ${at}`, 1, 1])
    assert.equal(undelivered[0]?.row, `reply ${at}`)
  }
  assert.equal((await store.stats()).conversations, before + USERS.length)
}
