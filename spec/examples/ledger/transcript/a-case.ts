import { seed } from '../../../../examples/ledger/service/seed.ts'
import type { Transcript } from '../../../../examples/ledger/transcript/form.ts'
import type { StoreKind } from '../../../../examples/ledger/transcript/store-home.ts'
import { memoryStore } from '../../../../lib/testing/memory-store.ts'

type Entry = Transcript['messages'][number]
type Expectation = Transcript['expect'][number]

/** An expectation that only asks for the place and the replies. */
export function after(stage: string, step: string, ...replyMatches: string[]): Expectation {
  return { stage, step, dataSubset: {}, replyKinds: [], replyMatches }
}

/** Alice logs in and begins an offer. */
export const begun: readonly (readonly [Entry, Expectation])[] = [
  [{ id: 'm1', at: 0, text: 'hi' }, after('MENU', 'dashboard', 'balance')],
  [{ id: 'm2', at: 4_000, list: 'offer', of: 'm1' }, after('CREDIT', 'amount', 'amount')]
]

/** Alice comes as far as the confirmation of an offer. */
export const confirming: typeof begun = [
  ...begun,
  [{ id: 'm3', at: 8_000, text: '10' }, after('CREDIT', 'handle', 'handle')],
  [{ id: 'm4', at: 12_000, text: 'bob_store' }, after('CREDIT', 'confirm', 'confirm')]
]

/** A case with the members of the ledger's seed, played entry by entry. */
export function aCase(
  played: readonly (readonly [Entry, Expectation])[],
  {
    faults = [],
    config = {},
    core = seed,
    channel = { type: 'whatsapp', user: '15550001001' },
    final = {}
  }: Partial<Transcript['given'] & Pick<Transcript, 'final'>> = {}
): Transcript {
  return {
    name: 'a case',
    note: '',
    tags: [],
    given: {
      now: '2026-01-05T08:00:00.000Z',
      channel,
      config,
      state: null,
      core,
      faults
    },
    messages: played.map(([entry]) => entry),
    expect: played.map(([, expectation]) => expectation),
    final
  }
}

/** A store in memory: what no spec of the player has to wait for. */
export const memoryHome: StoreKind = () => {
  let store: ReturnType<typeof memoryStore> | null = null
  return Promise.resolve({
    open: clock => {
      store ??= memoryStore({ clock })
      return store
    },
    rewrite: () => Promise.reject(new Error('a store in memory has no bytes')),
    remove: () => Promise.resolve()
  })
}
