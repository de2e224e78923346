import type { DamageEntry } from './form-entry.ts'
import type { World } from './world.ts'

export async function damage(
  world: World,
  user: string,
  entry: DamageEntry
): Promise<string | null> {
  return `not there yet ${world.running} ${user} ${entry.how}`
}
