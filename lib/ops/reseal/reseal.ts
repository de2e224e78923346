import { failureOf } from '../../kernel/failure.ts'
import type { Listing } from '../../store/conversation-store.ts'
import type { Desk } from '../desk.ts'
import { steadily } from '../steadily.ts'
import { resealedRows } from './resealed-rows.ts'

export interface ResealOptions {
  /** Conversations asked for at a time; default 100. */
  readonly batch?: number
  /** Ends the walk after the batch at hand; another walk begins anew and finds less to do. */
  readonly signal?: AbortSignal
  /** Called after every batch. */
  readonly onProgress?: (progress: ResealReport) => void
}

/** What a walk over all conversations found, and did. */
export interface ResealReport {
  /** The signal ended the walk before it had been everywhere. */
  readonly stopped: boolean
  /** Conversations looked at in the last pass. */
  readonly seen: number
  /** Conversations in which something was sealed anew, in all passes. */
  readonly resealed: number
  /** Those that kept changing under the walk, in the last pass: a reason to walk again. */
  readonly busy: number
  /** Those that the store cannot read, in the last pass: left as they are. */
  readonly damaged: number
  /** Texts sealed with each key other than the active one, as the last pass left them. */
  readonly left: Readonly<Record<string, number>>
}

type ResealDesk = Pick<Desk, 'store' | 'ring' | 'clock' | 'random'>

const ATTEMPTS = 5
const PASSES_MOST = 10

/** Seals anew what another key sealed; see `Operator.reseal`. */
export async function reseal(desk: ResealDesk, options: ResealOptions = {}): Promise<ResealReport> {
  let resealed = 0
  // Who becomes active during a pass moves ahead of it: walk again until a pass has nothing to do.
  for (let pass = 1; ; pass += 1) {
    const report = await walked(desk, options, resealed)
    const isDone = report.resealed === resealed && report.busy === 0
    resealed = report.resealed
    if (report.stopped || isDone || pass === PASSES_MOST) return report
  }
}

async function walked(
  desk: ResealDesk,
  { batch = 100, signal, onProgress }: ResealOptions,
  before: number
): Promise<ResealReport> {
  const tally = new Map<string, number>()
  const counts = { seen: 0, resealed: before, busy: 0, damaged: 0 }
  let cursor: string | null = null
  for (;;) {
    const from: string | null = cursor
    const page: Listing = await steadily(desk, () => desk.store.list(from, batch))
    for (const conversation of page.ids) {
      const outcome = await resealedOne(desk, conversation, tally).catch(damageOf)
      counts.seen += 1
      if (outcome === 'resealed') counts.resealed += 1
      if (outcome === 'busy') counts.busy += 1
      if (outcome === 'damaged') counts.damaged += 1
    }
    cursor = page.cursor
    const stopped = cursor !== null && signal?.aborted === true
    const report = { stopped, ...counts, left: Object.fromEntries(tally) }
    onProgress?.(report)
    if (cursor === null || stopped) return report
  }
}

async function resealedOne(
  desk: ResealDesk,
  conversation: string,
  tally: Map<string, number>
): Promise<'resealed' | 'fine' | 'busy'> {
  const { store, ring } = desk
  let left: ReadonlyMap<string, number> = new Map()
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const stored = await steadily(desk, () => store.export(conversation))
    const { fence } = stored
    if (fence === null || fence.version === 0) return 'fine'
    const found = resealedRows(ring, conversation, fence.epoch, stored)
    left = found.before
    const { rows } = found
    const outcome =
      rows === null ? null : await steadily(desk, () => store.rewrite(conversation, fence, rows))
    if (outcome === 'conflict') continue
    add(tally, found.left)
    return outcome === null ? 'fine' : 'resealed'
  }
  add(tally, left)
  return 'busy'
}

// One that is damaged does not keep the others from being sealed anew.
function damageOf(error: unknown): 'damaged' {
  if (failureOf(error)?.tag !== 'Corrupt') throw error
  return 'damaged'
}

function add(tally: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [key, count] of counts) tally.set(key, (tally.get(key) ?? 0) + count)
}
