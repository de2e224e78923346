import * as t from 'io-ts'
import {
  attempt,
  back,
  CallFailed,
  call,
  choose,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  end,
  enter,
  goto,
  say,
  text
} from '../../lib/flow/index.ts'
import type { Process, World } from './a-world.ts'
import { allSay } from './hanging-bot.ts'

/** An outside service whose answers may get lost. */
export class UnsureService {
  /** Requests by key and what each was to do. */
  readonly made: { readonly key: string; readonly at: number }[] = []
  /** Keys that were asked about. */
  readonly asked: string[] = []
  /** What it answers comes no sooner than this. */
  slow: Promise<unknown> | null = null
  /** It does nothing, and says so. */
  refuses = false
  /** It does what it is asked, and nobody hears of it. */
  losesAnswers = true
  /** What a question about a key is answered. */
  found: 'done' | 'not done' | 'nothing' = 'done'

  get keys(): number {
    return new Set(this.made.map(({ key }) => key)).size
  }
}

const done = { outcome: 'done' as const, output: {} }
const outcomes = { done: t.strict({}) }

interface Payment {
  readonly readable: boolean
  readonly unknown: 'retry-with-key' | 'read-back' | 'ask-operator'
}

function payBy(service: UnsureService, { readable, unknown }: Payment) {
  return defineCall({
    name: 'pay',
    effect: true,
    input: t.strict({ at: t.number }),
    outcomes,
    attempts: 2,
    timeoutMs: 60_000,
    unknown,
    late: { done: text('late') },
    run: ({ at }, { key }) =>
      attempt(async () => {
        service.made.push({ key, at })
        if (service.slow !== null) await service.slow
        if (service.refuses) throw new CallFailed({ tag: 'unavailable', detail: 'away' })
        if (service.losesAnswers) throw new CallFailed({ tag: 'unknown', detail: 'lost' })
        return done
      }),
    ...(readable
      ? {
          readBack: (_input: { at: number }, { key }: { readonly key: string }) =>
            attempt(async () => {
              service.asked.push(key)
              if (service.found === 'nothing')
                throw new CallFailed({ tag: 'unavailable', detail: 'away' })
              return (service.found === 'done' ? done : null) as typeof done
            })
        }
      : {})
  })
}

interface Change {
  readonly idleSeconds?: number
  /** The end of a payment that cannot be reached throws. */
  readonly throws?: boolean
  /** It leads back to the confirm by another flow, which asks something first. */
  readonly detour?: boolean
}

const look = defineCall({
  name: 'look',
  effect: false,
  input: t.strict({}),
  outcomes,
  run: () => attempt(async () => done)
})

const why = defineFlow(
  { name: 'why', start: 'ask' },
  {
    ask: choose({
      prompt: text('why'),
      options: [{ id: 'so', label: 'so' }],
      words: { so: 'so' },
      next: () => end(),
      invalid: text('why')
    })
  }
)

/** A bot that asks before it pays; what it pays tells when it was signed. */
export function unsureBot(
  service: UnsureService,
  {
    readable = true,
    unknown = 'retry-with-key',
    idleSeconds = 600,
    throws = false,
    detour = false
  }: Partial<Payment> & Change = {}
) {
  const pay = payBy(service, { readable, unknown })
  const home = defineFlow(
    { name: 'home', start: 'idle' },
    {
      idle: choose({
        prompt: text('ask'),
        options: [{ id: 'pay', label: 'pay' }],
        words: { pay: 'pay' },
        next: () => goto('sure'),
        invalid: text('ask')
      }),
      sure: confirm({
        prompt: text('sure'),
        confirmed: goto('pay'),
        cancelled: [say(text('cancelled')), goto('idle')],
        invalid: text('sure')
      }),
      pay: call({
        call: pay,
        signedBy: 'sure',
        // No two yeses come at one time: only what was signed first may be made.
        input: view => ({ at: view.nowMs }),
        outcomes: { done: [say(text('paid')), goto('idle')] },
        unreachable: ({ known }) => {
          if (throws) throw new TypeError('planned')
          if (detour) return goto('why')
          return back('sure', text(known === 'unknown' ? 'maybe' : 'down'))
        }
      }),
      why: enter({ flow: why, returned: goto('look') }),
      look: call({
        call: look,
        input: () => ({}),
        outcomes: { done: back('sure', text('maybe')) },
        unreachable: back('sure', text('down'))
      })
    }
  )
  const keys = 'ask sure paid cancelled maybe down late notice unresolved why'.split(' ')
  return defineBot({
    name: 'unsure',
    flows: [home, why],
    start: 'home',
    session: { idleSeconds, notice: 'notice' },
    commands: { menu: { words: ['menu'], do: 'home' } },
    says: { unresolved: 'unresolved' },
    texts: { en: Object.fromEntries(keys.map(key => [key, key])) }
  })
}

/** The member says these words one after the other, with time for what follows each. */
export async function says(
  world: World,
  process: Process,
  ...said: readonly string[]
): Promise<void> {
  for (const word of said) {
    await allSay(world, process, ['a'], word)
    await world.pass(3_000)
  }
}

/** What is open of the member: calls that are driven, and how the others stand. */
export const standing = async (process: Process) =>
  (await process.chat('a').inspect())?.calls.map(call => call.unresolved ?? 'driven')
