import type { MemoryStore } from '../memory-store.ts'
import type { World } from './ending.ts'
import { CALM_MS, TALK_MS } from './members.ts'
import type { Ground } from './node.ts'
import type { FaultKind, Weather } from './weather.ts'

/** By then the next build runs everywhere, in ms: shortly before the faults are over. */
const DEPLOYED_MS = CALM_MS - 2_000

/** The large faults have their times from the start; the small ones strike as occasions come. */
export function scheduleTroubles({ ground, nodes, truth, model }: World): void {
  const { clock, weather } = ground
  const at = (purpose: string): number => weather.between(purpose, 1_000, TALK_MS)
  const several = (kind: FaultKind, most: number, strike: () => void): void => {
    for (let nth = 0; nth < most; nth += 1) {
      const atMs = at(`${kind} at`)
      if (!weather.strikes(kind)) continue
      clock.after(atMs, strike)
    }
  }
  several('pause', 4, () =>
    weather.pick('pause', nodes).life.pause(weather.between('pause', 500, 25_000))
  )
  several('clockStep', 4, () => {
    const hours = weather.between('step', -72, 72)
    weather.pick('step', nodes).life.step(hours * 3_600_000)
  })
  several('outage', 2, () => {
    ground.outage.untilMs = clock.nowMs() + weather.between('outage', 1_000, 12_000)
  })
  several('restart', 3, () => weather.pick('restart', nodes).restart())
  // One process after the other: two builds serve the same conversations for a while.
  const deployAtMs = at('deploy at')
  for (const node of ground.nextBot === null ? [] : nodes) {
    weather.strike('deploy')
    const atMs = weather.between('deploy', deployAtMs, DEPLOYED_MS)
    clock.after(atMs, () => node.deploy())
  }
  let isKept = false
  several('rollback', 2, () => {
    // One at a time: what is restored is a part of what is there.
    if (isKept) return
    isKept = true
    const restore = truth.snapshot()
    clock.after(weather.between('lost', 50, 8_000), () => {
      isKept = false
      void restore()
    })
  })
  several('damage', 3, () => {
    const [...conversations] = truth.conversations
    if (conversations.length > 0) void damage(ground, model, conversations)
  })
}

/** Spoils the newest record of a conversation, and sometimes the one beside it, or every one. */
async function damage(
  { weather, log }: Ground,
  model: MemoryStore,
  conversations: readonly string[]
): Promise<void> {
  const drawn = weather.pick('damage', conversations)
  const busy = weather.between('busy', 0, 1) === 0 ? await withCall(model, conversations) : null
  const conv = busy ?? drawn
  const { fence } = await model.load(conv)
  const { slots, history } = await model.export(conv)
  if (fence === null || slots.length === 0) return
  const both = weather.between('damage', 0, 3) === 0
  const every = both && weather.between('every record', 0, 1) === 0
  // Drawn in any case, so that what is drawn after it does not hang on it.
  const spoiltSlots = slots.map((text, at) => (at === 0 || both ? spoilt(weather, text) : null))
  await model.rewrite(conv, fence, {
    slots: every ? slots.map(emptied) : spoiltSlots,
    calls: [],
    inbox: [],
    history: every ? history.map(({ row }) => withoutRecord(row)) : [],
    parked: []
  })
  log.tell('damaged', { conv, ver: fence.version })
}

/** One whose call is open: there most is to be lost. */
async function withCall(
  model: MemoryStore,
  conversations: readonly string[]
): Promise<string | null> {
  for (const conv of conversations) if ((await model.load(conv)).calls.length > 0) return conv
  return null
}

// The header stays: a record that names a newer layout would wait for a build that knows it.
function spoilt(weather: Weather, text: string): string {
  const body = text.indexOf('\n') + 1
  const at = weather.between('damage', body, text.length - 1)
  if (weather.between('damage', 0, 2) === 0) return text.slice(0, at)
  return `${text.slice(0, at)}#${text.slice(at + 1)}`
}

/** A record of which not even the core is left. */
function emptied(text: string): string {
  return text.slice(0, text.indexOf('\n') + 1)
}

function withoutRecord(row: string): string {
  const { full, ...rest } = JSON.parse(row) as { readonly full?: string }
  return JSON.stringify(full === undefined ? rest : { ...rest, full: emptied(full) })
}
