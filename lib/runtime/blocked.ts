import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { Log } from '../kernel/log.ts'
import type { ProcessRow } from '../store/process-rows.ts'
import { BLOCKED, ENDED } from './watchdog.ts'

/** What blocked the event loop of a process, and for how long when that was written. */
const Blocked = t.type({
  conversation: t.string,
  kind: t.string,
  /** First 16 hex digits of the SHA-256 of the event's id. */
  id: t.string,
  /** `FLOW.step` where the conversation stood. */
  where: t.string,
  blockedMs: t.number,
  build: t.string
})
export type Blocked = t.TypeOf<typeof Blocked>

/** A row of a process: the run it is in, and what a thread beside its loop has added. */
export interface SaidRow {
  readonly run: string
  /** True when the thread has ended the process. */
  readonly isEnded: boolean
  readonly blocked: Blocked | null
}

export function saidRow(row: string): SaidRow {
  const [run = '', word, ...rest] = row.split(' ')
  if (word !== BLOCKED && word !== ENDED) return { run, isEnded: false, blocked: null }
  const text = parse(rest.join(' '))
  const read = isRight(text) ? Blocked.decode(text.right) : text
  return { run, isEnded: word === ENDED, blocked: isRight(read) ? read.right : null }
}

/** Tells the log of this process what blocks the others, each once. */
export class BlockedOthers {
  readonly #log: Log
  #told: ReadonlySet<string> = new Set()

  constructor(log: Log) {
    this.#log = log
  }

  heard(rows: readonly ProcessRow[]): void {
    const known = new Set<string>()
    for (const { name, row } of rows) {
      const { blocked, isEnded } = saidRow(row)
      if (blocked === null) continue
      const event = isEnded ? 'process.ended' : 'process.blocked'
      known.add(`${name} ${event}`)
      if (this.#told.has(`${name} ${event}`)) continue
      this.#log.warn({ event, process: name, ...blocked }, 'a turn blocked another process')
    }
    this.#told = known
  }
}

/** The same in words, for whoever reads why an event was given up. */
export function blockedText({ where, blockedMs, build }: Blocked): string {
  return `It blocked the event loop for ${blockedMs} ms at ${where} (build ${build}).`
}
