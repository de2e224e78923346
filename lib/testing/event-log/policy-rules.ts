import {
  type DirectiveName,
  defaultPolicy,
  type Place,
  type Policy,
  type Rung,
  type When
} from '../../supervision/policy.ts'
import type { EventLine, Met } from './event-line.ts'
import type { Landed } from './ledger.ts'
import type { Court, Rule, Step } from './verdict.ts'

/** What the policy wants done about a failure. */
interface Wanted {
  readonly act: Rung
  readonly to: Place | null
  /** The longest pause before it runs again, in ms. */
  readonly pauseMs?: number
}

/** A failure of which it is not known yet what was done about it. */
interface Open {
  readonly met: Met
  /** More than one where the log cannot tell how many resets the process knew of. */
  readonly wanted: readonly Wanted[]
  /** The line that said that it runs again. */
  readonly again?: Pick<EventLine, 'proc' | 'mono' | 'line'>
}

/** A fault may hinder a process for so long, and a load may take so long, in ms. */
const HINDERED_MS = 4_000
const SLACK_MS = 50

/** Events of the runtime itself, and those that an operator orders. */
const OWN: readonly Met['event']['kind'][] = ['OperatorCommand', 'ReplyRefused']

/** Faults that keep no process from its next run: those of channels, services and of the bot. */
const HARMLESS: readonly string[] = [
  'handlerThrows',
  'poison',
  'resetThrows',
  'callSlow',
  'callFails',
  'callLost',
  'unauthorised',
  'sendFails',
  'sendRefused',
  'sendLate',
  'sendLost',
  'statuses',
  'webhookLost',
  'webhookTwice',
  'webhookLate'
]

/**
 * I16: a failure of the bot is met as the policy says, by its own reading of the policy: which
 * events run again and how often, which are given up, how, and where that leads.
 */
export class PolicyRules implements Rule {
  readonly #court: Court
  readonly #policy: Policy
  readonly #open = new Map<string, Open>()
  /** By head of a commit that gave an event up: where it must lead. */
  readonly #resets = new Map<string, readonly Wanted[]>()
  /** Conversations of which the record may know of fewer resets than the log. */
  readonly #unsure = new Set<string>()
  /** What stood there before an erase or a rollback: a run that was under way goes by it still. */
  readonly #former = new Map<string, readonly Landed[]>()

  /** By conversation and event: the line of the last commit that took it. */
  readonly #taken = new Map<string, number>()
  /** By conversation: that of the last one after which arrivals wait. */
  readonly #waits = new Map<string, number>()
  /** The world's time, and when the last fault struck; null: some strike unseen. */
  #nowMs = 0
  #struckMs: number | null = Number.NEGATIVE_INFINITY

  constructor(court: Court, policy: Policy) {
    this.#court = court
    this.#policy = policy
  }

  take({ line, landed, before, lost }: Step): void {
    const { kind, conv = '', met } = line
    if (kind === 'restored' || kind === 'erased' || kind === 'damaged') this.#unsure.add(conv)
    if (lost.length > 0) this.#former.set(conv, [...this.#court.ledger.of(conv).branch, ...lost])
    if (kind === 'failed' && met?.tag === 'Defect') this.#failed(line, met)
    if (kind === 'failed' && met?.tag === 'Unavailable') this.#unhurried(met.process, conv)
    this.#watch(line)
    if (kind === 'restart') this.#restarted(line)
    if (kind === 'handler.start') this.#ran(line)
    if (kind === 'commit.try') {
      this.#tried(line)
      this.#putOff(line)
    }
    for (const took of landed?.told.took ?? []) this.#taken.set(`${conv} ${took}`, line.line)
    if (landed?.waits === true) this.#waits.set(conv, line.line)
    if (landed !== null) this.#led(line, landed, before)
  }

  end(): void {
    this.#open.clear()
  }

  #failed(line: EventLine, met: Met): void {
    const { conv = '' } = line
    const place = `${met.process} ${conv}`
    const before = this.#open.get(place)
    this.#open.set(place, { met, wanted: this.#wantedFor(conv, met) })
    // Runs that ended their process are counted by all of them together.
    if (met.action !== 'decide' || met.attempt === 1 || met.code === 'CHP_TURN_FATAL') return
    const isNext = before?.met.event.id === met.event.id && before.met.attempt === met.attempt - 1
    if (isNext && before.wanted.some(({ act }) => isAgain(act))) return
    this.#accuse(line, `run ${met.attempt} of ${met.event.id} is one that no rule allows`)
  }

  #restarted(line: EventLine): void {
    const open = this.#open.get(`${processOf(line.proc)} ${line.conv}`)
    if (open !== undefined && open.wanted.some(({ act }) => isAgain(act))) {
      this.#open.set(`${processOf(line.proc)} ${line.conv}`, { ...open, again: line })
      return
    }
    this.#accuse(line, `it runs again after ${line.ver}, and the policy says ${said(open)}`)
  }

  #watch({ kind, outcome = '', proc, mono }: EventLine): void {
    if (proc === 'world') this.#nowMs = mono
    if (kind !== 'fault.begin' || this.#struckMs === null || HARMLESS.includes(outcome)) return
    // Those are told of when they are drawn, not when they strike.
    this.#struckMs = outcome === 'pause' || outcome === 'outage' ? null : mono
  }

  /** Where nothing hinders it, it runs again as soon as the policy says. */
  #ran(line: EventLine): void {
    const { conv = '', proc, id, mono } = line
    const place = `${processOf(proc)} ${conv}`
    const open = this.#open.get(place)
    if (open?.again?.proc !== proc) return
    // What comes behind is another delivery of it, or a run after a conflict.
    this.#unhurried(processOf(proc), conv)
    // What another process let wait before it is taken first.
    if (open.met.event.id !== id) return
    // Another process was done with it first, or has it wait: this run is of another order.
    const taken = this.#taken.get(`${conv} ${open.met.event.kind} ${id}`) ?? 0
    if (Math.max(taken, this.#waits.get(conv) ?? 0) > open.again.line) return
    const waitedMs = mono - open.again.mono
    const pauseMs = Math.max(...open.wanted.map(one => one.pauseMs ?? 0))
    const sinceMs = this.#nowMs - Math.max(waitedMs, pauseMs) - HINDERED_MS
    if (this.#struckMs === null || this.#struckMs > sinceMs) return
    if (waitedMs <= pauseMs + SLACK_MS) return
    this.#accuse(line, `it ran again after ${waitedMs} ms, and the policy says ${pauseMs} at most`)
  }

  /** Whoever gives an event up does so as its own last failure demands. */
  #tried(line: EventLine): void {
    const { conv = '', key = '', proc, parks, heldFor, asItWas, took = [], recovers } = line
    if ((parks !== true && heldFor === undefined) || recovers === true) return
    const open = this.#open.get(`${processOf(proc)} ${conv}`)
    const act = heldFor !== undefined ? 'hold' : asItWas === true ? 'park' : 'reset'
    const wanted = open?.wanted.filter(one => one.act === act) ?? []
    if (open === undefined || wanted.length === 0) {
      this.#accuse(line, `an event is given up by ${act}, and the policy says ${said(open)}`)
      return
    }
    const { kind, id } = open.met.event
    if (parks === true && took[0] !== `${kind} ${id}`) {
      this.#accuse(line, `${took[0]} is given up, and ${id} had failed`)
    }
    if (act !== 'hold') this.#resets.set(`${conv} ${key}`, wanted)
  }

  /** What another process has put off meanwhile runs in its turn, not when its pause is over. */
  #putOff({ proc, conv = '', defers }: EventLine): void {
    const { met } = this.#open.get(`${processOf(proc)} ${conv}`) ?? {}
    if (met === undefined || defers !== `${met.event.kind} ${met.event.id}`) return
    this.#unhurried(processOf(proc), conv)
  }

  /** Whom the store does not let run, or who waits behind others, runs again when that is over. */
  #unhurried(process: string, conv: string): void {
    const open = this.#open.get(`${process} ${conv}`)
    if (open === undefined) return
    this.#open.set(`${process} ${conv}`, { met: open.met, wanted: open.wanted })
  }

  #led(line: EventLine, { told, head }: Landed, before: Landed | undefined): void {
    const { place, within, conv = '' } = line
    const wanted = this.#resets.get(`${conv} ${head}`)
    // What was taken along with it may have led on.
    if (place === undefined || wanted === undefined || (told.took?.length ?? 0) > 1) return
    const act = wanted[0]?.act
    // A step that opens a sub-flow is where its outermost caller stands.
    const leadsTo = ({ to }: Wanted): boolean => to === null || nameOf(to) === (within ?? place)
    if (act === 'reset' && !wanted.some(leadsTo)) {
      const places = wanted.flatMap(({ to }) => (to === null ? [] : [nameOf(to)]))
      this.#accuse(line, `a reset led to ${place}, and the policy says ${places.join(' or ')}`)
    }
    const isSame = told.prompt === undefined || told.prompt === before?.told.prompt
    if (act === 'park' && before?.told.prompt !== undefined && !isSame) {
      this.#accuse(line, 'what was only parked opened another prompt')
    }
  }

  #wantedFor(conv: string, met: Met): readonly Wanted[] {
    if (met.action !== 'decide') return [{ act: this.#afterFailed(met.action), to: null }]
    const resets = resetsBy(met.version, this.#court.ledger.of(conv).branch)
    const former = resetsBy(met.version, this.#former.get(conv) ?? [])
    // Whether a reset is still within a short window, the clock of its process decides.
    const isShort = this.#policy.intensity.withinMs < defaultPolicy.intensity.withinMs
    const isUnsure = isShort || this.#unsure.has(conv)
    const possible = isUnsure ? [...new Set([0, resets, former])] : [resets]
    const all = possible.map(known => this.#judged(met, known))
    return OWN.includes(met.event.kind) ? all.map(asOwn) : all
  }

  #judged(met: Met, resets: number): Wanted {
    const { rules, restarts, intensity, ladder, backoff } = this.#policy
    const isSpent = resets + 1 >= intensity.max
    const rule = rules.find(({ when = {} }) => isAbout(when, met))
    const climb = (runs: number): Wanted => {
      const repeats = ladder.filter(isAgain)
      const rung = repeats[Math.ceil(runs / Math.max(1, restarts)) - 1]
      if (rung !== undefined && restarts > 0) {
        return { act: rung, to: null, pauseMs: pauseOf(backoff, met) }
      }
      const ends = ladder.filter(one => !isAgain(one))
      const end = ends.find((one, at) => one !== 'reset' || !isSpent || at === ends.length - 1)
      return { act: end ?? 'hold', to: null }
    }
    if (rule === undefined) return climb(met.attempt)
    const { do: act, to = null } = rule
    if (act === 'escalate') return { act: ladder.at(-1) ?? 'hold', to }
    const isOver = isAgain(act) ? met.attempt > (rule.restarts ?? restarts) : false
    if (isOver || (act === 'reset' && isSpent)) return climb(Number.POSITIVE_INFINITY)
    return { act, to, pauseMs: pauseOf(rule.backoff ?? backoff, met) }
  }

  #afterFailed(action: Met['action']): Rung {
    const last = this.#policy.ladder.at(-1) ?? 'hold'
    return action === 'hold' || action === last ? 'park' : last
  }

  #accuse(line: EventLine, detail: string): void {
    this.#court.accuse('I16', line, detail)
  }
}

/** How many resets a process knows of that has seen this version of a branch. */
function resetsBy(version: number, branch: readonly Landed[]): number {
  const isReset = ({ told, ver }: Landed): boolean =>
    ver <= version && told.parks === true && told.asItWas !== true && told.heldFor === undefined
  return branch.filter(isReset).length
}

function pauseOf({ initialMs, maxMs, factor }: Policy['backoff'], { attempt }: Met): number {
  return Math.min(maxMs, initialMs * factor ** (attempt - 1))
}

function isAgain(act: DirectiveName): boolean {
  return act === 'retry' || act === 'restart'
}

/** Nobody is moved, and nothing waits, for what no member has done. */
function asOwn(wanted: Wanted): Wanted {
  return isAgain(wanted.act) ? wanted : { act: 'park', to: null }
}

function isAbout({ failure, code, stage, flow, step, attempt }: When, met: Met): boolean {
  const { from = 1, to = Number.POSITIVE_INFINITY } =
    typeof attempt === 'number' ? { from: attempt, to: attempt } : (attempt ?? {})
  return (
    [failure ?? met.tag, code ?? met.code].join() === [met.tag, met.code].join() &&
    [stage ?? met.stage, flow ?? met.flow, step ?? met.step].join() ===
      [met.stage, met.flow, met.step].join() &&
    met.attempt >= from &&
    met.attempt <= to
  )
}

function said(open: Open | undefined): string {
  if (open === undefined) return 'nothing, for nothing failed'
  return open.wanted.map(({ act }) => act).join(' or ')
}

function nameOf({ flow, step }: Place): string {
  return `${flow}.${step}`
}

/** The name of a process, without the nonce of this life. */
function processOf(proc: string): string {
  return proc.slice(0, proc.lastIndexOf('/'))
}
