import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CodeBlock } from './markdown.ts'

const TSC = 'node_modules/@typescript/native/bin/tsc'
const RUN_WITHIN_MS = 20_000
/** Blocks of every page may import it as `./bot.ts`. */
const FIRST_BOT = 'examples/first-bot/bot.ts'

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
  return source
    .replaceAll(/'(?:\.\.\/)+lib\/([\w-]+)\.ts'/g, (_, door: string) =>
      door === 'index' ? "'chaperone'" : `'chaperone/${door}'`
    )
    .replaceAll(/'\.\.\/(?:[\w-]+\/)*([\w-]+\.ts)'/g, "'./$1'")
}

/** Blocks of documentation written out as sources, checked and run against `lib/`. */
export class DocSources {
  readonly #folder: string
  readonly #paths = new Map<CodeBlock, string>()

  constructor(folder: string, blocks: readonly CodeBlock[]) {
    this.#folder = join('.build', folder)
    rmSync(this.#folder, { recursive: true, force: true })
    const bot = asInstalled(readFileSync(FIRST_BOT, 'utf8'))
    for (const block of blocks) {
      const path = this.#pathOf(block)
      this.#paths.set(block, path)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(join(dirname(path), 'bot.ts'), bot)
      writeFileSync(path, placed(block))
    }
    writeFileSync(join(this.#folder, 'tsconfig.json'), JSON.stringify(settings()))
  }

  /** What the compiler finds wrong, each line with its page and its line there. */
  problems(): readonly string[] {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [TSC, '-p', join(this.#folder, 'tsconfig.json'), '--pretty', 'false'],
      { encoding: 'utf8', env: environment() }
    )
    const lines = `${stdout}${stderr}`.split('\n').filter(line => /^\S/.test(line))
    // What is wrong in lib/ itself is said by the check of the types.
    return lines.filter(line => !line.startsWith('lib/')).map(line => this.#placed(line))
  }

  /** Runs a block in an empty folder; its exit code and what it said. */
  run(block: CodeBlock): { readonly code: number | null; readonly said: string } {
    const folder = mkdtempSync(join(tmpdir(), 'chaperone-docs-'))
    try {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ['--import', loader(), resolve(this.#pathOf(block))],
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

  #pathOf(block: CodeBlock): string {
    const page = block.page.replace(/\.md$/, '').replaceAll('/', '-')
    // Several files of one name are told apart by their lines; only the others are imported.
    const name = basename(quotedFile(block) ?? '')
    const isNamed = name !== '' && name !== 'server.ts'
    return join(this.#folder, page, isNamed ? name : `${block.line}.ts`)
  }

  #placed(line: string): string {
    for (const [{ page }, path] of this.#paths)
      if (line.startsWith(`${path}(`)) return `${page}${line.slice(path.length)}`
    return line
  }
}

/** The code at the lines that it has on its page; a block with imports stands alone. */
function placed({ line, code, given }: CodeBlock): string {
  const isWhole = given === null || /^import /m.test(code)
  const before = isWhole ? '' : '\n'.repeat(given.line - 1) + given.code
  return before + '\n'.repeat(line - 1 - (before.split('\n').length - 1)) + code
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

/** What lets Node run TypeScript. */
function loader(): string {
  return pathToFileURL(createRequire(resolve('package.json')).resolve('tsx')).href
}

/** The environment without what a run of the specs adds to it. */
function environment(): NodeJS.ProcessEnv {
  const added = ['NODE_V8_COVERAGE', 'NODE_OPTIONS']
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.includes(name)))
}
