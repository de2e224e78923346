// Everything that can be said about the sources without running them, in seconds. All checks run
// even when one fails, so that a red run names all there is to mend.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const folders = ['lib', 'spec', 'examples', 'bench'].filter(folder => existsSync(folder))
const checks = [
  ['tidy', ['node_modules/mocha/bin/mocha.js', '--reporter', 'dot', 'spec/tidy.spec.ts']],
  [
    'types',
    ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.json', '--pretty', 'false']
  ],
  ['lint', ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings', ...folders]],
  ['layers', ['.ci/layers.mjs']],
  ['dead code', ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints']],
  ['format', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off']]
]

const startedMs = performance.now()
const waiting = [...checks]
let failed = 0
await Promise.all(Array.from({ length: Math.max(2, availableParallelism() / 2) }, drain))
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
console.log(`check: ${checks.length - failed} of ${checks.length} green, ${seconds} s`)
process.exitCode = failed > 0 ? 1 : 0

async function drain() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(...next)
}

async function run(name, args) {
  const fromMs = performance.now()
  const { code, output } = await outputOf(args)
  const took = `${((performance.now() - fromMs) / 1000).toFixed(1)} s`
  if (code !== 0) failed += 1
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(9)} ${took}`)
  if (code !== 0) console.log(output.trimEnd())
}

function outputOf(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => {
      output += text
    })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, output }))
  })
}
