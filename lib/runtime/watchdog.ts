import { Worker } from 'node:worker_threads'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { RowWriter } from '../store/process-rows.ts'

/** When a turn that blocks its process is named, and when the process is ended, in ms. */
export interface WatchdogLimits {
  /** Default 5,000: a line on standard error names conversation, event and build. */
  readonly nameMs?: number
  /** Default 10,000: the process is ended by SIGKILL; what was acknowledged is in the store. */
  readonly endMs?: number
}

const DEFAULTS = { nameMs: 5_000, endMs: 10_000 } as const
const LEAST_MS = 100

/** The shared numbers: beats of the loop, how many bytes name the running turn, an inspector. */
const NUMBERS = 3
const TEXT_BYTES = 4_096
/** Characters of a place that are told. */
const WHERE_MOST = 128

/** How often the row of a process is written, in ms, by its loop or by the thread beside it. */
export const ROW_EVERY_MS = 2_000

/** Words behind the run in the row of a process that is blocked. */
export const BLOCKED = 'blocked'
export const ENDED = 'ended'
/** Behind the name of a run that gives an event up. */
export const GIVING_UP = '!'

/** A run of an event. */
export interface Watched {
  readonly conversation: string
  readonly event: { readonly kind: string; readonly id: string }
  /** `FLOW.step` where the conversation stands. */
  readonly where: string
  /** It is not decided again, but given up. */
  readonly isGivingUp: boolean
}

/** How much runs right now that was declared to block; one number for every thread that watches. */
const spared = new Int32Array(new SharedArrayBuffer(4))

/**
 * Runs what is known to block the event loop, and no watchdog ends the process for it.
 *
 * @example
 * process.on('SIGUSR2', () => unwatched(() => writeHeapSnapshot()))
 */
export function unwatched<T>(run: () => T): T {
  Atomics.add(spared, 0, 1)
  try {
    return run()
  } finally {
    Atomics.sub(spared, 0, 1)
  }
}

// A build of Node may be without one.
const inspector = process.features.inspector
  ? process.getBuiltinModule('node:inspector')
  : undefined

/**
 * A thread that watches the event loop: a turn that blocks it would answer nobody for ever.
 *
 * Nothing is written for a turn but its name into shared memory; without `begin` nothing runs.
 */
export class Watchdog {
  readonly #limits: Required<WatchdogLimits>
  readonly #build: string
  readonly #memory = new SharedArrayBuffer(NUMBERS * 4 + TEXT_BYTES)
  readonly #numbers = new Int32Array(this.#memory, 0, NUMBERS)
  readonly #text = new Uint8Array(this.#memory, NUMBERS * 4)
  readonly #encoder = new TextEncoder()
  #worker: Worker | null = null
  #next: Cancel = () => undefined

  /** Fails with `CHP_SETTING_INVALID` for limits that are too short or the wrong way round. */
  constructor(limits: WatchdogLimits, build: string) {
    this.#limits = { ...DEFAULTS, ...limits }
    this.#build = build
    const { nameMs, endMs } = this.#limits
    const isSound = Number.isSafeInteger(nameMs) && Number.isSafeInteger(endMs)
    if (isSound && nameMs >= LEAST_MS && endMs > nameMs) return
    const bounds = `nameMs from ${LEAST_MS} ms on, endMs more than it`
    fail('CHP_SETTING_INVALID', `The watchdog needs whole numbers: ${bounds}.`)
  }

  /** Watches from now on; what blocks is told to the store by the writer, where there is one. */
  start(clock: Clock, log: Log, writer: RowWriter | null = null): void {
    const { nameMs, endMs } = this.#limits
    const tickMs = Math.max(20, Math.floor(nameMs / 10))
    const build = this.#build
    const workerData = { memory: this.#memory, spared, nameMs, endMs, tickMs, build, writer }
    // Fixed by the text below: neither a loader nor a bundler has to find a second file.
    this.#worker = new Worker(WATCHING, { eval: true, workerData, execArgv: [], env: {} })
    // A watching that fails costs the watching, never the process that is watched.
    this.#worker.on('error', error => {
      log.error({ event: 'watchdog.failed', why: whatWasThrown(error) }, 'turns are not watched')
    })
    this.#worker.unref()
    const beat = (): void => {
      Atomics.add(this.#numbers, 0, 1)
      Atomics.store(this.#numbers, 2, inspector?.url() === undefined ? 0 : 1)
      this.#next = clock.after(tickMs, beat)
    }
    beat()
  }

  /** Runs what a turn decides, its name kept where the watching thread can read it. */
  around<T>({ conversation, event, where, isGivingUp }: Watched, run: () => T): T {
    const { kind, id } = event
    const { written } = this.#encoder.encodeInto(
      `${conversation} ${kind} ${isGivingUp ? GIVING_UP : '-'} ${id.length} ${id} ${where}`,
      this.#text
    )
    Atomics.store(this.#numbers, 1, written)
    try {
      return run()
    } finally {
      Atomics.store(this.#numbers, 1, 0)
    }
  }

  async stop(): Promise<void> {
    this.#next()
    await this.#worker?.terminate()
    this.#worker = null
  }
}

// Ticks are counted, not time: a process that stood still as a whole (SIGSTOP, a suspended machine)
// is not taken for one whose loop is blocked. One that may be debugged is named only: it may stand
// at a breakpoint. The id of an event may hold a phone number, so its digest is told; whoever knows
// the id can make the same one. Standard error may refuse the line, or never take it: it is opened
// once more in a way that waits for nobody; where that cannot be done (a socket), a thread of the
// pool writes, one line at a time, and is waited for no longer than one tick. So is the store. The
// row is written again and again: one that grows old is taken for that of a process that ended. A
// client of the store may throw where nobody waits for it: that ends no watching.
const WATCHING = `
'use strict'
const { workerData } = require('node:worker_threads')
const { createHash } = require('node:crypto')
const { closeSync, constants, openSync, write, writeSync } = require('node:fs')
const { memory, spared, nameMs, endMs, tickMs, build, writer } = workerData
const numbers = new Int32Array(memory, 0, ${NUMBERS})
const text = new Uint8Array(memory, ${NUMBERS * 4})
let last = -1
let silent = 0
let isNamed = false
let isWriting = false
let rowMs = 0
let isStoring = false
let isEnding = false
let row = null
let isClientMade = false
process.on('uncaughtException', error => {
  if (!isClientMade) throw error
})
function running() {
  const bytes = Atomics.load(numbers, 1)
  if (bytes === 0) return null
  const said = Buffer.from(text.slice(0, bytes)).toString()
  const [conversation, kind, mark, length] = said.split(' ', 4)
  const from = [conversation, kind, mark, length].join(' ').length + 1
  const end = from + Number(length)
  const where = said.slice(end + 1, end + 1 + ${WHERE_MOST})
  return { conversation, kind, mark, id: said.slice(from, end), where }
}
function tell(event, run, blockedMs, then) {
  const { conversation = null, kind = null, id = null } = run ?? {}
  const named = { conversation, kind, id: id === null ? null : digest(id) }
  const line = { level: 60, event, blockedMs, ...named, build, pid: process.pid }
  put(JSON.stringify(line) + '\\n', then)
}
function digest(id) {
  return createHash('sha256').update(id).digest('hex').slice(0, 16)
}
function put(line, then) {
  const { O_APPEND, O_NONBLOCK, O_WRONLY } = constants
  let impatient
  try {
    impatient = openSync('/proc/self/fd/2', O_WRONLY | O_APPEND | O_NONBLOCK)
  } catch {
    if (isWriting) return then()
    isWriting = true
    return write(2, line, () => {
      isWriting = false
      then()
    })
  }
  try {
    writeSync(impatient, line)
  } catch {}
  closeSync(impatient)
  then()
}
function store(word, run, blockedMs, then) {
  if (writer === null || run === null) return then()
  const { conversation, kind, mark, id, where } = run
  const name = createHash('sha256').update(JSON.stringify([conversation, kind, id]))
  const named = name.digest('base64url').slice(0, 22) + (mark === '${GIVING_UP}' ? mark : '')
  const told = { conversation, kind, id: digest(id), where, blockedMs, build }
  try {
    isClientMade = true
    row ??= new Function('require', 'data', writer.program)(require, writer.data)
    row.write([named, word, JSON.stringify(told)].join(' '), isSilent, then)
  } catch {
    then()
  }
}
function isSilent() {
  return Atomics.load(numbers, 0) === last
}
function end() {
  process.kill(process.pid, 'SIGKILL')
}
setInterval(() => {
  if (!isSilent() || Atomics.load(spared, 0) > 0) {
    last = Atomics.load(numbers, 0)
    silent = 0
    isNamed = false
    const used = row
    row = null
    rowMs = 0
    isStoring = false
    used?.close()
    return
  }
  silent += tickMs
  const mayEnd = Atomics.load(numbers, 2) === 0
  const run = running()
  if (silent >= nameMs && !isNamed) {
    isNamed = true
    tell('loop.blocked', run, silent, () => undefined)
  }
  if (mayEnd && !isStoring && silent >= nameMs && performance.now() >= rowMs) {
    rowMs = performance.now() + ${ROW_EVERY_MS}
    isStoring = true
    store('${BLOCKED}', run, silent, () => {
      isStoring = false
    })
  }
  if (silent < endMs || !mayEnd || isEnding) return
  isEnding = true
  setTimeout(end, tickMs)
  let left = 2
  const done = () => {
    left -= 1
    if (left === 0) end()
  }
  tell('loop.ended', run, silent, done)
  store('${ENDED}', run, silent, done)
}, tickMs)
`
