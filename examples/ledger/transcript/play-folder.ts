import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import type { Miss } from './checks.ts'
import { readTranscript } from './form.ts'
import { play } from './player.ts'
import type { Stage } from './world.ts'

/** What came of one file on one store. */
export interface Played {
  /** The name of the case, or of its file when that cannot be read. */
  readonly name: string
  readonly store: string
  readonly misses: readonly Miss[]
}

/** The transcript files of a folder, by name. */
export async function transcriptsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder)
  return names
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => join(folder, name))
}

/** Plays one file on each of these stores; a file that cannot be read or played is a miss. */
export async function playFile(
  file: string,
  stages: ReadonlyMap<string, Stage>
): Promise<readonly Played[]> {
  const read = readTranscript(await readFile(file, 'utf8'))
  const played: Played[] = []
  for (const [store, stage] of stages) {
    if (isLeft(read)) {
      const seen = read.left
      const misses = [{ entry: basename(file), what: 'the form', expected: 'a transcript', seen }]
      played.push({ name: basename(file), store, misses })
    } else {
      const { name } = read.right
      played.push({ name, store, misses: await playOrTell(() => play(read.right, stage)) })
    }
  }
  return played
}

/** The lines that tell what came of a case: one when it holds, else one more for every miss. */
export function linesOf({ name, store, misses }: Played): readonly string[] {
  if (misses.length === 0) return [`ok    ${name}  (${store})`]
  const details = misses.flatMap(({ entry, what, expected, seen }) => [
    `      ${entry}: ${what}`,
    `        expected  ${shown(expected)}`,
    `        seen      ${shown(seen)}`
  ])
  return [`MISS  ${name}  (${store})`, ...details]
}

async function playOrTell(run: () => Promise<readonly Miss[]>): Promise<readonly Miss[]> {
  try {
    return await run()
  } catch (error) {
    const seen = error instanceof Error ? (error.stack ?? error.message) : error
    return [{ entry: 'the case', what: 'playing', expected: 'an end', seen }]
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
