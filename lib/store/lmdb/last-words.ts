import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as O from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import type { ProcessRow, RowWriter } from '../process-rows.ts'

/** The row of a process as a thread of it left it in a file, while its loop stood still. */
export interface LastWord extends ProcessRow {
  readonly path: string
}

const Written = t.tuple([t.string, t.string])

/**
 * Rows that threads leave beside the data: the loop that stands still may be in the middle of a
 * transaction, and no other may begin then.
 */
export class LastWords {
  readonly #directory: string
  readonly #prefix: string

  constructor(directory: string, namespace: string) {
    this.#directory = directory
    // A name may begin with another.
    this.#prefix = `blocked-${Buffer.from(namespace).toString('hex')}-`
  }

  /** How a thread of this process leaves its row. */
  writer(name: string): RowWriter {
    const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
    const path = join(resolve(this.#directory), `${this.#prefix}${hash}-`)
    return { program: PROGRAM, data: { path, name } }
  }

  /** Hands over what was left, and removes it once that is in the store. */
  async taken<T>(store: (words: readonly LastWord[]) => Promise<T>): Promise<T> {
    const words = filesIn(this.#directory)
      .filter(file => file.startsWith(this.#prefix) && file.endsWith('.json'))
      .flatMap(file => readWord(join(this.#directory, file)) ?? [])
    const stored = await store(words)
    for (const { path } of words) rmSync(path, { force: true })
    return stored
  }
}

function filesIn(directory: string): readonly string[] {
  return O.getOrElse((): readonly string[] => [])(O.tryCatch(() => readdirSync(directory)))
}

/** Null where another process has removed it; what nobody can read is nobody's. */
function readWord(path: string): LastWord | null {
  const found = O.tryCatch(() => ({ text: readFileSync(path, 'utf8'), is: statSync(path) }))
  if (O.isNone(found)) return null
  const { text, is } = found.value
  const atMs = Math.floor(is.mtimeMs)
  const parsed = parse(text)
  const read = isRight(parsed) ? Written.decode(parsed.right) : parsed
  const [name, row] = isRight(read) ? read.right : ['', '']
  return { name, row, atMs, path }
}

// The file appears with all it says, or not at all.
const PROGRAM = `
const { renameSync, writeFileSync } = require('node:fs')
let count = 0
return {
  write(row, isMeant, done) {
    count += 1
    const path = data.path + process.pid + '-' + count
    writeFileSync(path + '.new', JSON.stringify([data.name, row]), { mode: 0o600 })
    renameSync(path + '.new', path + '.json')
    done()
  },
  close() {}
}
`
