import { basename } from 'node:path'
import type { Stray } from './tidy.ts'

/** What a file says that it must not, line by line, whatever its language. */
export function strayText(path: string, text: string): Stray[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const found: Stray[] = lines.flatMap((line, index) =>
    rules
      .filter(rule => rule.files.test(path) && rule.breach(line))
      .map(rule => `${path}:${index + 1} ${rule.instead}` as const)
  )
  const max = path.endsWith('.lua') ? luaLinesMax : linesMax
  if (isSource.test(path) && lines.length > max)
    found.push(`${path}:${lines.length} a file of ${lines.length} lines: at most ${max}, split it`)
  return found
}

/** What is wrong with the name of a file or of a folder above it. */
export function strayName(path: string): Stray[] {
  if (!/^(lib|spec|examples|bench)\//.test(path)) return []
  const names = path.split('/').map(name => name.replace(/\..*$/, ''))
  const vague = names.find(name => vagueNames.has(name))
  if (vague !== undefined) return [`${path}:1 ${vague}: name it for what it holds`]
  return path.endsWith('.ts') && !kebab.test(basename(path))
    ? [`${path}:1 kebab-case, named for its main export`]
    : []
}

const linesMax = 300
const luaLinesMax = 140
const columnsMax = 100
const vagueNames = new Set(['utils', 'util', 'common', 'helpers', 'helper', 'types'])
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/
const isSource = /\.(ts|js|mjs|cjs|lua|css|html)$/

const rules: readonly {
  readonly files: RegExp
  readonly breach: (line: string) => boolean
  readonly instead: string
}[] = [
  {
    files: isSource,
    breach: line => line.length > columnsMax,
    instead: `over ${columnsMax} columns: break the line`
  },
  {
    files: /^(lib|examples|bench)\//,
    breach: line => /\b(FIXME|TODO|XXX)\b/.test(line),
    instead: 'a note to oneself: a fix or an issue'
  },
  {
    files: /^(?!package-lock\.json)/,
    breach: line => /(^|[^A-Za-z0-9_.])\/(work|farm|root|Users|home)\//.test(line),
    instead: 'a path of one machine: take it from a setting or from the module'
  },
  {
    files: /^(?!package-lock\.json)/,
    breach: line => /registry\.npm|deb\.debian/.test(line),
    instead: 'a registry host: leave it to the machine'
  }
]
