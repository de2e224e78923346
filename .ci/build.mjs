// node .ci/build.mjs dist      lib/ -> dist/, what the package ships
// node .ci/build.mjs specs     lib, spec, examples and bench -> .build/, what runs here
//
// tsc neither copies what is not TypeScript nor removes the output of a deleted source, so both
// are done here: a script left behind would run as a spec, a missing .lua breaks only at run time.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

const targets = {
  dist: { project: 'tsconfig.build.json', out: 'dist', root: 'lib', folders: ['lib'] },
  specs: {
    project: 'tsconfig.test.json',
    out: '.build',
    root: '.',
    folders: ['lib', 'spec', 'examples', 'bench', 'config']
  }
}

const target = targets[process.argv[2]]
if (target === undefined) {
  console.error(`build: say one of ${Object.keys(targets).join(', ')}`)
  process.exit(2)
}
const tsc = 'node_modules/@typescript/native/bin/tsc'
const { status } = spawnSync(process.execPath, [tsc, '-p', target.project, '--pretty', 'false'], {
  stdio: ['ignore', 2, 2]
})
const sources = target.folders.flatMap(filesIn)
const assets = sources.filter(file => !file.endsWith('.ts') && !file.includes('/results/'))

for (const asset of assets) cpSync(asset, join(target.out, relative(target.root, asset)))
removeStale()
process.exitCode = status ?? 1

function removeStale() {
  const expected = new Set(assets.map(asset => join(target.out, relative(target.root, asset))))
  for (const source of sources.filter(file => file.endsWith('.ts'))) {
    const stem = join(target.out, relative(target.root, source)).slice(0, -'.ts'.length)
    for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) expected.add(stem + ending)
  }
  for (const folder of new Set(
    target.folders.map(name => join(target.out, relative(target.root, name)))
  ))
    for (const file of filesIn(folder)) if (!expected.has(file)) rmSync(file, { force: true })
}

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}
