import assert from 'node:assert/strict'
import { botOf } from '../../../../examples/ledger/transcript/bot-of.ts'
import type { Miss } from '../../../../examples/ledger/transcript/checks.ts'
import type { Transcript } from '../../../../examples/ledger/transcript/form.ts'
import { lmdbHome } from '../../../../examples/ledger/transcript/lmdb-home.ts'
import { play } from '../../../../examples/ledger/transcript/player.ts'
import { type Random, seededRandom } from '../../../../lib/kernel/random.ts'
import { aCase, after } from './a-case.ts'

type Entry = Transcript['messages'][number]
type Fault = Transcript['given']['faults'][number]

const CASES = 60
const ENTRIES = 14
const WAITS = [0, 4_000, 4_000, 20_000, 100_000, 290_000, 310_000] as const
const WORDS = [
  'hi',
  'yes',
  'no',
  '10',
  '5 ZWG',
  'bob_store',
  'carol',
  'x',
  'idioma',
  'menu'
] as const
const OPTIONS = [
  ...(['offer', 'accept', 'decline', 'acceptAll', 'cancel', 'ledger', 'upgrade'] as const),
  ...(['off-1', 'off-2', 'back', 'confirm', 'next', 'prev', 'dashboard', 'es'] as const)
] as const
const ENDPOINTS = [
  ...(['login', 'resolveHandle', 'createOffer', 'acceptOffer', 'declineOffer'] as const),
  ...(['cancelOffer', 'acceptAll', 'readLedger', 'upgradeTier', 'channelSend'] as const)
] as const
const KINDS = [
  ...(['http401', 'http503', 'timeout', 'timeoutAfterCommit'] as const),
  ...(['notFound', 'crashBeforeSend', 'crashAfterCommit'] as const)
] as const
const STEPS = ['dashboard', 'amount', 'handle', 'confirm', 'submit', 'login', 'settle'] as const

/** A case that nobody thought of: a member, the ledger, the process and the store at random. */
function randomCase(seed: number): Transcript {
  const random = seededRandom(seed)
  const entries: Entry[] = [{ id: 'm1', at: 0, text: 'hi' }]
  const faults: Fault[] = []
  for (let index = 2; index <= ENTRIES; index += 1) {
    const at = (entries.at(-1)?.at ?? 0) + one(random, WAITS)
    const entry = randomEntry(random, `m${index}`, at, entries)
    entries.push(entry)
    if (chance(random, 0.25)) {
      const [endpoint, kind] = [one(random, ENDPOINTS), one(random, KINDS)]
      faults.push({ during: entry.id, endpoint, kind, times: one(random, [1, 1, 2, 3]) })
    }
    if (chance(random, 0.05)) {
      const [component, times] = [one(random, STEPS), one(random, [1, 3, 4])]
      faults.push({ during: entry.id, component, kind: 'throw', times })
    }
  }
  const played = entries.map(entry => [entry, after('?', '?', '^§$')] as const)
  const final = { logsMustNotContain: ['15550001001', 'tok-', 'Alice', 'bob_store', '120.00'] }
  return { ...aCase(played, { faults, final }), name: `random ${seed}` }
}

function randomEntry(random: Random, id: string, at: number, before: readonly Entry[]): Entry {
  const said = before.filter(entry => !('event' in entry))
  const shown = said.filter(entry => entry.at < at).slice(-4)
  const how = one(random, ['truncatedJson', 'unknownStep'] as const)
  if (chance(random, 0.12)) return { id, at, event: 'restart' }
  if (chance(random, 0.04)) return { id, at, event: 'corruptLatestSnapshot', how }
  if (chance(random, 0.03)) return { id, at, event: 'corruptAllSnapshots', how }
  if (chance(random, 0.06)) return { ...one(random, said), at, redelivery: true } as Entry
  if (shown.length > 0 && chance(random, 0.5))
    return { id, at, list: one(random, OPTIONS), of: one(random, shown).id }
  return { id, at, text: one(random, WORDS) }
}

describe(`${CASES} random cases, of which nobody knows how they should end`, function () {
  this.timeout(120_000)
  for (let seed = 1; seed <= CASES; seed += 1)
    it(`come to an end, are answered and keep their secrets (${seed})`, async () => {
      const transcript = randomCase(seed)
      const misses = await play(transcript, { store: lmdbHome, bot: botOf })

      const wrong = misses.filter(({ what }) => ['settling', 'log', 'the start'].includes(what))
      assert.deepEqual(wrong, [])
      assert.deepEqual(
        misses.filter(({ what, seen }) => what === 'stage' && /unreadable/.test(String(seen))),
        []
      )
      assert.deepEqual(unanswered(transcript, misses), [])
    })
})

/** Messages that came alone and got no answer, up to the first that shook the process. */
function unanswered({ messages, given }: Transcript, misses: readonly Miss[]): readonly string[] {
  const shaking = given.faults.filter(({ kind }) => kind.startsWith('crash') || kind === 'throw')
  const shaken = messages.findIndex(
    entry => 'event' in entry || shaking.some(({ during }) => during === entry.id)
  )
  const calm = shaken < 0 ? messages : messages.slice(0, shaken)
  return calm.flatMap((entry, index) => {
    const place = `${entry.id} (messages.${index})`
    const isAlone = messages.filter(({ at }) => at === entry.at).length === 1
    const replies = misses.find(({ entry: at, what }) => at === place && what === 'replies')?.seen
    const isSilent = Array.isArray(replies) && replies.length === 0
    return isAlone && isSilent && !('redelivery' in entry) ? [place] : []
  })
}

function chance(random: Random, share: number): boolean {
  return random.fraction() < share
}

function one<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random.fraction() * list.length)] as T
}
