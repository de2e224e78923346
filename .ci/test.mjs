// node .ci/test.mjs              every check, then every suite: what CI runs
// node .ci/test.mjs redis ...    these suites only
//
// Specs run compiled: the branch coverage of specs run through tsx is wrong. The last line on
// stdout is `N passed, N failed`; a step that is no spec and fails counts as one failure.
// With CI=true the files of specs that failed run once more, alone (decision 25). Properties draw
// from one seed, that of the tree; PROPERTY_SEED=n node .ci/test.mjs draws from another.
import { spawn } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

// A suite is the specs with its suffix; those with no suffix of a suite are the unit specs.
const suites = {
  unit: { testLimitMs: 30_000, suiteLimitMs: 360_000, coverage: true },
  redis: { testLimitMs: 60_000, suiteLimitMs: 360_000 },
  server: { testLimitMs: 60_000, suiteLimitMs: 420_000 },
  browser: { testLimitMs: 60_000, suiteLimitMs: 120_000 },
  faults: { testLimitMs: 600_000, suiteLimitMs: 10_800_000, onDemand: true }
}
const coverageFolder = '.build/coverage'
const leaveWithinMs = 10_000
// More files than these are no accident of one machine.
let retriesLeft = process.env.CI === 'true' ? 3 : 0

const asked = process.argv.slice(2)
const chosen = asked.length > 0 ? asked : Object.keys(suites).filter(name => !suites[name].onDemand)
const unknown = chosen.filter(name => !(name in suites))
if (unknown.length > 0) {
  console.error(`test: no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`)
  process.exit(2)
}

const times = []
const slow = []
const failures = []
const flaky = []
let passed = 0
let failed = 0
let running

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    end(running)
    process.exit(1)
  })

if (asked.length === 0) await step('check', '.ci/check.mjs')
await step('compile', '.ci/build.mjs', 'specs')
if (asked.length === 0) await packageSteps()
const files = filesIn('.build/spec')
const propertySeed = process.env.PROPERTY_SEED ?? String(await seedOfTree())
console.log(`\nproperties draw from PROPERTY_SEED=${propertySeed}`)
for (const name of chosen) await suite(name)
if (passed + failed === 0) fail('no spec ran')
report()

async function packageSteps() {
  await step('build', '.ci/build.mjs', 'dist')
  await step('package', 'node_modules/publint/src/cli.js', '--strict')
  await step(
    'package types',
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    ...['--pack', '.', '--profile', 'esm-only', '--quiet', '--no-emoji', '--format', 'ascii']
  )
}

async function step(name, ...args) {
  const { code, tookMs } = await run(args, {})
  times.push([name, tookMs, code === 0 ? 'ok' : 'FAILED'])
  if (code !== 0) fail(`${name} is red`)
}

async function suite(name) {
  const { coverage } = suites[name]
  const specs = files.filter(file => suiteOf(file) === name).sort()
  if (specs.length === 0) {
    times.push([name, 0, 'no specs'])
    return
  }
  console.log(`\n== ${name}: ${specs.length} files`)
  const first = await mocha(name, specs)
  const again = await retry(name, first)
  if (coverage) await coverageReport()
  const { code, summary, cut } = first
  passed += (summary?.passed ?? 0) + (again ? summary.failed : 0)
  failed += again ? 0 : (summary?.failed ?? 0)
  slow.push(...(summary?.slow ?? []))
  ;(again ? flaky : failures).push(...(summary?.failures ?? []))
  const outcome = summary ? `${summary.passed} passed, ${summary.failed} failed` : 'died'
  times.push([name, first.tookMs, again ? `${outcome}, passed alone` : outcome])
  if (cut !== undefined) fail(`${name}: ${cut}`)
  else if (summary === undefined) fail(`${name} ended with code ${code} before its specs did`)
  else if (code !== 0 && summary.failed === 0) fail(`${name} ended with code ${code}`)
}

function mocha(name, specs) {
  const { testLimitMs, suiteLimitMs, coverage } = suites[name]
  return run(
    [
      '--enable-source-maps',
      'node_modules/mocha/bin/mocha.js',
      ...['--no-config', '--forbid-only', '--forbid-pending', '--slow', '1000'],
      ...['--timeout', String(testLimitMs), '--reporter', '.ci/reporter.cjs'],
      ...['--require', './.ci/properties.mjs'],
      ...specs
    ],
    {
      suiteLimitMs,
      env: {
        PROPERTY_SEED: propertySeed,
        ...(coverage ? { NODE_V8_COVERAGE: coverageFolder } : {})
      }
    }
  )
}

/** Whether every file with a failed spec passes when it runs once more, alone. */
async function retry(name, { summary, cut }) {
  const specs = [...new Set((summary?.failures ?? []).map(({ file }) => file))]
  if (cut !== undefined || specs.length === 0 || specs.length > retriesLeft) return false
  retriesLeft -= specs.length
  console.log(`\n== ${name}: ${specs.join(', ')} once more, alone`)
  const { code, summary: second, cut: secondCut } = await mocha(name, specs)
  return code === 0 && secondCut === undefined && second?.failed === 0 && second.passed > 0
}

async function coverageReport() {
  await run(['node_modules/c8/bin/c8.js', 'report', '--temp-directory', coverageFolder], {})
  rmSync(coverageFolder, { recursive: true, force: true })
}

/** Runs Node in a process group of its own, so that nothing it started outlives it. */
function run(args, { suiteLimitMs, env = {} }) {
  const startedMs = performance.now()
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env }
  })
  running = child
  let summary
  let cut
  const stop = reason => () => {
    cut = reason
    end(child)
  }
  const timers = []
  if (suiteLimitMs !== undefined)
    timers.push(setTimeout(stop(`not over after ${suiteLimitMs / 1000} s`), suiteLimitMs))
  child.once('message', message => {
    summary = message
    timers.push(setTimeout(stop('its specs are over, but something is left open'), leaveWithinMs))
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => {
      for (const timer of timers) clearTimeout(timer)
      end(child)
      resolve({ code, summary, cut, tookMs: performance.now() - startedMs })
    })
  })
}

function end(child) {
  if (child?.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function fail(reason) {
  failed += 1
  console.log(`FAILED: ${reason}`)
}

function report() {
  console.log('\ntime per step')
  for (const [name, tookMs, outcome] of times)
    console.log(`  ${name.padEnd(13)} ${(tookMs / 1000).toFixed(1).padStart(6)} s  ${outcome}`)
  if (slow.length > 0) console.log('\nslowest specs')
  for (const [tookMs, title] of slow.sort(([a], [b]) => b - a).slice(0, 10))
    console.log(`  ${(tookMs / 1000).toFixed(1).padStart(6)} s  ${title}`)
  list('passed only when run once more, alone', flaky)
  list('failed', failures)
  const seconds = (times.reduce((sum, [, tookMs]) => sum + tookMs, 0) / 1000).toFixed(0)
  console.log(`\nall in all ${seconds} s`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

function list(heading, specs) {
  if (specs.length > 0) console.log(`\n${heading}`)
  for (const { title, message } of specs) console.log(`  ${title}\n      ${message}`)
}

async function seedOfTree() {
  const path = new URL('../.build/spec/simulation/fresh-seed.js', import.meta.url)
  return (await import(path)).freshSeed()
}

function suiteOf(file) {
  return Object.keys(suites).find(name => file.endsWith(`.${name}.spec.js`)) ?? 'unit'
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter(name => name.endsWith('.spec.js'))
    .map(name => join(folder, name))
}
