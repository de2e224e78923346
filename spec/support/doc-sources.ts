import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import type { CodeBlock } from './markdown.ts'

const TSC = 'node_modules/@typescript/native/bin/tsc'
const RUN_WITHIN_MS = 20_000

/** A block that a reader may copy: it must fit the sources as they are. */
export function isSource({ language }: CodeBlock): boolean {
  return language === 'ts' || language === 'js'
}

/** The file that a block quotes (`ts file=examples/…`), or null. */
export function quotedFile({ marks }: CodeBlock): string | null {
  return marks.find(mark => mark.startsWith('file='))?.slice('file='.length) ?? null
}

/** What a file of this repository looks like to those who have installed the package. */
export function asInstalled(source: string): string {
  return source.replaceAll(/'(?:\.\.\/)+lib\/([\w-]+)\.ts'/g, (_, door: string) =>
    door === 'index' ? "'chaperone'" : `'chaperone/${door}'`
  )
}

/** Blocks of documentation written out as sources, checked and run against `lib/`. */
export class DocSources {
  readonly #folder: string
  readonly #paths = new Map<CodeBlock, string>()

  constructor(folder: string, blocks: readonly CodeBlock[]) {
    this.#folder = join('.build', folder)
    rmSync(this.#folder, { recursive: true, force: true })
    for (const block of blocks) this.#write(block)
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(settings()))
  }

  /** What the compiler finds wrong, each line with its page and its line there. */
  problems(): readonly string[] {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [TSC, '-p', join(this.#folder, 'tsconfig.json'), '--pretty', 'false'],
      { encoding: 'utf8', env: environment() }
    )
    const lines = `${stdout}${stderr}`.split('\n').filter(line => line.trim() !== '')
    return lines.map(line => this.#placed(line))
  }

  /** Runs a block in an empty folder; its exit code and what it said. */
  run(block: CodeBlock): { readonly code: number | null; readonly said: string } {
    const folder = mkdtempSync(join(tmpdir(), 'chaperone-docs-'))
    try {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), resolve(this.#pathOf(block))],
        {
          cwd: folder,
          encoding: 'utf8',
          timeout: RUN_WITHIN_MS,
          killSignal: 'SIGKILL',
          env: { ...environment(), TSX_TSCONFIG_PATH: resolve(this.#folder, 'tsconfig.json') }
        }
      )
      return { code: status, said: `${stdout}${stderr}` }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  // Blank lines before the code give it the line numbers of its page.
  #write(block: CodeBlock): void {
    const path = this.#pathOf(block)
    this.#paths.set(block, path)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '\n'.repeat(block.line - 1) + block.code)
  }

  #pathOf(block: CodeBlock): string {
    const page = block.page.replace(/\.md$/, '').replaceAll('/', '-')
    const quoted = quotedFile(block)
    return join(this.#folder, page, quoted === null ? `${block.line}.ts` : basename(quoted))
  }

  #placed(line: string): string {
    for (const [{ page }, path] of this.#paths)
      if (line.startsWith(`${path}(`)) return `${page}${line.slice(path.length)}`
    return line
  }
}

/** The settings of the repository, with the doors of the package standing for their sources. */
function settings(): object {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly exports: Readonly<Record<string, unknown>>
  }
  const doors = Object.keys(exports).filter(door => !door.endsWith('.json'))
  return {
    extends: '../../tsconfig.json',
    compilerOptions: {
      // What a block only shows is not used further down.
      noUnusedLocals: false,
      types: ['node'],
      paths: Object.fromEntries(
        doors.map(door => [
          door.replace('.', 'chaperone'),
          [`../../lib/${door === '.' ? 'index' : door.slice('./'.length)}.ts`]
        ])
      )
    },
    include: ['**/*.ts']
  }
}

/** The environment without what a run of the specs adds to it. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _coverage, NODE_OPTIONS: _options, ...rest } = process.env
  return rest
}
