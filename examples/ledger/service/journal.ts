import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as E from 'fp-ts/lib/Either.js'
import { Commit } from './book/commit.ts'
import { lockDirectory } from './journal-lock.ts'
import { problemsOf } from './problems.ts'
import type { Logger } from './surroundings.ts'

/** Where commits are written down before an answer leaves. */
export interface Journal {
  /** Puts a commit in line; it is safe when `flushed` next resolves. */
  append(commit: Commit): void
  /** Resolves when all that was appended is on the disk; after a failed write always rejects. */
  flushed(): Promise<void>
  /** Whether the bound is reached; then changing requests are answered 503. */
  readonly isFull: boolean
  close(): Promise<void>
}

/** Keeps nothing: for specs and simulations. */
export const noJournal: Journal = {
  append: () => undefined,
  flushed: () => Promise.resolve(),
  isFull: false,
  close: () => Promise.resolve()
}

export interface JournalOptions {
  readonly directory: string
  readonly logger: Logger
  /** Default 256 MB, about 400,000 commits. There is no compaction: it is an example. */
  readonly bytesMax?: number
}

/** A write failed: memory is ahead of the disk, so nothing may be answered before a restart. */
export class JournalBroken extends Error {
  /** The system's word for it, such as `ENOSPC`. */
  readonly code: string

  constructor(cause: unknown) {
    super('the journal cannot be written', { cause })
    this.code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  }
}

const FILE = 'journal.log'

/**
 * Opens the journal of a directory, made when it is not there, and reads what it holds.
 *
 * One line a commit: CRC-32 of the rest, a blank, JSON. A last line that a crash cut off is cut
 * away: its answer never left. Rejects when another process holds the directory, or when an earlier
 * line is damaged, for that one was promised to somebody.
 */
export async function openJournal({
  directory,
  logger,
  bytesMax = 268_435_456
}: JournalOptions): Promise<{ journal: Journal; commits: readonly Commit[] }> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(directory)
  const path = join(directory, FILE)
  let file: FileHandle | undefined
  try {
    file = await open(path, 'a+', 0o600)
    const { commits, goodBytes, tornBytes } = readCommits(await file.readFile(), path)
    if (tornBytes > 0) {
      logger.warn({ event: 'ledger.journal-tail-cut', tornBytes })
      await file.truncate(goodBytes)
    }
    await file.sync()
    await syncDirectory(directory)
    return { journal: new FileJournal(file, goodBytes, bytesMax, unlock), commits }
  } catch (cause) {
    await file?.close()
    await unlock()
    throw cause
  }
}

class FileJournal implements Journal {
  readonly #file: FileHandle
  readonly #bytesMax: number
  readonly #unlock: () => Promise<void>
  #bytes: number
  #waiting: Buffer[] = []
  /** Answers what broke the journal; nothing is written after that. */
  #flush: Promise<JournalBroken | null> = Promise.resolve(null)

  constructor(file: FileHandle, bytes: number, bytesMax: number, unlock: () => Promise<void>) {
    this.#file = file
    this.#bytes = bytes
    this.#bytesMax = bytesMax
    this.#unlock = unlock
  }

  append(commit: Commit): void {
    const line = toLine(commit)
    this.#bytes += line.length
    // One flush serves all commits that came while the one before it was under way.
    if (this.#waiting.push(line) > 1) return
    this.#flush = this.#flush.then(broken => broken ?? this.#writeWaiting())
  }

  async flushed(): Promise<void> {
    const broken = await this.#flush
    if (broken !== null) throw broken
  }

  get isFull(): boolean {
    return this.#bytes >= this.#bytesMax
  }

  async close(): Promise<void> {
    await this.#flush
    await this.#file.close()
    await this.#unlock()
  }

  async #writeWaiting(): Promise<JournalBroken | null> {
    const lines = this.#waiting
    this.#waiting = []
    try {
      await this.#file.appendFile(Buffer.concat(lines))
      await this.#file.datasync()
      return null
    } catch (cause) {
      return new JournalBroken(cause)
    }
  }
}

function toLine(commit: Commit): Buffer {
  const text = JSON.stringify(commit)
  return Buffer.from(`${checksum(text)} ${text}\n`)
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

interface ReadCommits {
  readonly commits: readonly Commit[]
  readonly goodBytes: number
  readonly tornBytes: number
}

function readCommits(bytes: Buffer, path: string): ReadCommits {
  const commits: Commit[] = []
  let start = 0
  while (start < bytes.length) {
    const end = bytes.indexOf('\n', start)
    const text = end < 0 ? null : checkedText(bytes.toString('utf8', start, end))
    if (text === null) {
      if (end >= 0 && holdsGoodLine(bytes, end + 1)) throw damaged(path, commits.length + 1)
      return { commits, goodBytes: start, tornBytes: bytes.length - start }
    }
    commits.push(decodeCommit(text, path, commits.length + 1))
    start = end + 1
  }
  return { commits, goodBytes: start, tornBytes: 0 }
}

/** The JSON of a line, or null when its checksum says that it is not whole. */
function checkedText(line: string): string | null {
  const text = line.slice(9)
  return line.slice(0, 9) === `${checksum(text)} ` ? text : null
}

function holdsGoodLine(bytes: Buffer, from: number): boolean {
  for (let start = from; start < bytes.length; ) {
    const end = bytes.indexOf('\n', start)
    if (end < 0) return false
    if (checkedText(bytes.toString('utf8', start, end)) !== null) return true
    start = end + 1
  }
  return false
}

function decodeCommit(text: string, path: string, line: number): Commit {
  const commit = Commit.decode(JSON.parse(text))
  if (E.isRight(commit)) return commit.right
  const problems = problemsOf(commit.left).slice(0, 3).join('; ')
  throw new Error(`${path}:${line} was written by another version of the ledger: ${problems}`)
}

function damaged(path: string, line: number): Error {
  return new Error(
    `${path}:${line} is damaged, and good lines follow it. Restore the file from a copy, or move ` +
      'it away to begin with a new ledger.'
  )
}

// A new file is only safe when the directory that names it is, too.
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
