import type { ConversationRecord, Core } from '../../lib/conversation/record.ts'
import { Secret } from '../../lib/kernel/secret.ts'

/** A core with a token, as a signed-in member has one. */
export function aCore(change: Partial<Core> = {}): Core {
  return {
    channel: { channel: 'whatsapp', account: '1001', user: '5511999990000' },
    locale: 'en',
    member: { handle: 'ana', name: 'Ana' },
    account: 'ana',
    token: { value: Secret.of('token-1'), refreshes: 0, setAt: 1_700_000_000_000 },
    cache: null,
    ...change
  }
}

/** A record in the middle of a flow. */
export function aRecord(change: Partial<ConversationRecord> = {}): ConversationRecord {
  return {
    schema: 1,
    core: aCore(),
    flow: {
      flow: 'OFFER',
      flowVersion: 1,
      step: 'amount',
      data: { amount: '12.50' },
      prompt: { instance: 'e.7.0.n', step: 'amount', options: ['yes', 'no'] },
      validation: { inProgress: true, attempts: 0, lastAttempt: null, error: null },
      caller: null
    },
    calls: [],
    timers: [{ id: 'session', dueMs: 1_700_000_300_000, what: 'session' }],
    session: {
      startedAt: 1_700_000_000_000,
      lastMessageAt: 1_700_000_000_000,
      deadline: 1_700_000_300_000,
      notice: null
    },
    meta: {
      initializedAt: 1_700_000_000_000,
      updatedAt: 1_700_000_000_000,
      updatedBy: { kind: 'Inbound', id: 'wamid.1' }
    },
    ...change
  }
}
