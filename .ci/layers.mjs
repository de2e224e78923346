// Checks the imports of lib/ (and of what stands on it) in the folder it is called in, against the
// table in .dependency-cruiser.cjs. Checking nothing is a failure: dependency-cruiser is content
// when its compiler finds no files.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cruise } from 'dependency-cruiser'

const { options, forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs')
const roots = ['lib', 'spec', 'examples', 'bench'].filter(folder => existsSync(folder))
const tsConfig = (await import('dependency-cruiser/config-utl/extract-ts-config')).default(
  new URL('../tsconfig.json', import.meta.url).pathname
)

const { output } = await cruise(
  roots,
  { ...options, ruleSet: { forbidden }, validate: true },
  {},
  { tsConfig }
)
const { violations, totalCruised } = output.summary
const ours = output.modules.filter(module => module.source.startsWith('lib/')).length

for (const { from, to, rule } of violations) {
  const { comment } = forbidden.find(({ name }) => name === rule.name) ?? {}
  console.error(`${from} -> ${to}: ${rule.name}${comment ? ` (${comment})` : ''}`)
}
console.error(
  `layers: ${ours} files of lib/, ${totalCruised} modules, ${violations.length} breaches`
)
if (ours === 0) console.error('layers: no file of lib/ was checked, which proves nothing')
process.exitCode = ours === 0 || violations.length > 0 ? 1 : 0
