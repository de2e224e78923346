import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Mutant } from './mutants.ts'

const BUILT = '.build'

/** A copy of the compiled sources in which one bug after the other is planted. */
export class Greenhouse {
  readonly #folder: string

  constructor(name: string) {
    this.#folder = join(BUILT, 'mutants', name)
    rmSync(this.#folder, { recursive: true, force: true })
    for (const part of ['lib', join('spec', 'simulation')]) {
      mkdirSync(join(this.#folder, part), { recursive: true })
      cpSync(join(BUILT, part), join(this.#folder, part), {
        recursive: true,
        filter: path => !path.endsWith('.map')
      })
    }
  }

  /** The program that lives simulated lives on this copy. */
  get worker(): string {
    return join(this.#folder, 'spec', 'simulation', 'worker.js')
  }

  /** Plants the bug; the function returned takes it out. Null when its place is not found once. */
  plant({ file, find, replace }: Mutant): (() => void) | null {
    if (!existsSync(file)) return null
    const source = readFileSync(file, 'utf8')
    if (source.split(find).length !== 2) return null
    const path = join(this.#folder, file).replace(/\.ts$/, '.js')
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, compiled(source.replace(find, () => replace)))
    return () => writeFileSync(path, before)
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function compiled(source: string): string {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true
    }
  })
  return outputText
}
