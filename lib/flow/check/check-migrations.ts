import type { Migration } from '../../conversation/migration.ts'
import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import type { Finding } from './finding.ts'

/** Schemas and the steps between them: gaps, doubles, steps that lead nowhere or only one way. */
export function checkMigrations({
  schema = 1,
  migrations = []
}: Pick<BotSpec<Core>, 'schema' | 'migrations'>): readonly Finding[] {
  if (!isSchema(schema)) return [ofBot('its schema must be a whole number from 0 on')]
  const single = migrations.flatMap(migration => checkStep(migration, schema))
  return single.length > 0 ? single : checkChain(migrations, schema)
}

function checkStep(migration: Migration, schema: number): readonly Finding[] {
  const { from, to, calls = {} } = migration
  const name = `migration ${from} to ${to}`
  if (!isSchema(from) || to !== from + 1)
    return [ofBot(`${name} must lead from a schema to the next: one step a schema`)]
  const above =
    to > schema ? [ofBot(`${name} leads above the bot's own schema ${schema}: raise it`)] : []
  const way = (['up', 'down'] as const)
    .filter(direction => typeof migration[direction] !== 'function')
    .map(direction => ofBot(`${name} has no "${direction}"`))
  const names = Object.values(calls)
  const twice = names.filter((call, at) => names.indexOf(call) < at)
  return [
    ...above,
    ...way,
    ...twice.map(call => ofBot(`${name} gives two calls the name "${call}"`))
  ]
}

/** The steps must end at the bot's schema with none left out; where they begin is the author's. */
function checkChain(migrations: readonly Migration[], schema: number): readonly Finding[] {
  const begins = migrations.map(({ from }) => from)
  const twice = new Set(begins.filter((from, at) => begins.indexOf(from) < at))
  const oldest = Math.min(schema, ...begins)
  const wanted = Array.from({ length: schema - oldest }, (_, at) => oldest + at)
  const gaps = wanted.filter(from => !begins.includes(from))
  return [
    ...Array.from(twice, from => ofBot(`migration ${from} to ${from + 1} is there twice`)),
    ...gaps.map(from => ofBot(`migration ${from} to ${from + 1} is missing`))
  ]
}

function isSchema(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function ofBot(says: string): Finding {
  return { kind: 'schema', flow: null, step: null, says }
}
