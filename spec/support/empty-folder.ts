import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { asInstalled } from './doc-sources.ts'

const APPS = 'spec/support/embed'

/** The manifest of the package, as far as specs read it. */
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

/** A folder of somebody who has installed the package, and nothing else of ours. */
export interface EmptyFolder {
  readonly path: string
  readonly manifest: Manifest
  remove(): void
}

/** Builds the package and packs it as `npm publish` would; resolves to the tarball. */
export function packed(into: string): {
  readonly tarball: string
  readonly files: readonly string[]
} {
  execFileSync(process.execPath, ['.ci/build.mjs', 'dist'])
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into]
  const [pack] = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: 'pipe' })
  ) as readonly [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] }
  ]
  return { tarball: join(into, pack.filename), files: pack.files.map(({ path }) => path) }
}

/**
 * Unpacks a tarball into an empty folder, with the programs of `embed/` as a user has them.
 *
 * The packages that its manifest declares, and those named, are linked from this checkout: what is
 * not declared is not found, as after a real installation, and no network is needed.
 */
export function emptyFolder(tarball: string, besides: readonly string[] = []): EmptyFolder {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-empty-'))
  const home = join(path, 'node_modules', 'chaperone')
  mkdirSync(home, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'])
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest
  for (const name of [...Object.keys(manifest.dependencies), ...besides]) {
    const link = join(path, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(resolve('node_modules', name), link)
  }
  writeFileSync(join(path, 'package.json'), '{ "type": "module", "private": true }')
  for (const name of readdirSync(APPS)) {
    const source = readFileSync(join(APPS, name), 'utf8')
    writeFileSync(join(path, name.replace(/\.ts$/, '.js')), asJavaScript(asInstalled(source)))
  }
  return { path, manifest, remove: () => rmSync(path, { recursive: true, force: true }) }
}

function asJavaScript(source: string): string {
  const compilerOptions = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true
  }
  return ts.transpileModule(source, { compilerOptions }).outputText
}
