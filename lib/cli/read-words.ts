import { parseArgs } from 'node:util'
import { whatWasThrown } from '../kernel/thrown.ts'
import { Usage } from './usage.ts'

type Flags = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>

/** What was said of each flag; one that was not said is absent. */
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]?: F[K]['type'] extends 'string' ? string : boolean
}

/** The words of a command that takes one module and flags; fails with `Usage` for any others. */
export function readWords<const F extends Flags>(
  words: readonly string[],
  flags: F
): { readonly values: FlagValues<F>; readonly path: string } {
  const { values, positionals } = parsed(words, flags)
  const [path, more] = positionals
  if (path === undefined || more !== undefined) throw new Usage('Name one module with the bot.')
  return { values: values as FlagValues<F>, path }
}

function parsed(
  words: readonly string[],
  flags: Flags
): { readonly values: object; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...words], options: { ...flags }, allowPositionals: true })
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : whatWasThrown(error))
  }
}
