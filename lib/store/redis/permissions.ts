import { fail } from '../../kernel/failure.ts'
import type { Examined } from './fitness.ts'
import type { Script } from './scripts/script.ts'

// A script that is denied a command in its midst keeps what it wrote before: Redis does not roll
// back. So it is asked beforehand.
const LUA = `#!lua flags=no-writes
local denied = {}
for at = 2, #ARGV do
  if not redis.acl_check_cmd(ARGV[at], ARGV[1], '0', '0') then denied[#denied + 1] = ARGV[at] end
end
return denied`

/**
 * Looks whether the user may run, on a key of the store, every command that its scripts run.
 *
 * Fails with CHP_STORE_UNFIT, naming the commands.
 */
export async function checkPermissions(
  master: Examined,
  scripts: readonly Script[],
  key: string
): Promise<void> {
  const commands = new Set(
    scripts.flatMap(({ lua }) => [...lua.matchAll(/\bcall\('([A-Z]+)'/g)].map(([, name]) => name!))
  )
  const denied = (await master.call('EVAL', LUA, 0, key, ...commands)) as readonly string[]
  if (denied.length === 0) return
  const rules = denied.map(name => `+${name.toLowerCase()}`).join(' ')
  fail(
    'CHP_STORE_UNFIT',
    `The user may not run ${denied.join(', ')} on keys of the store: run ACL SETUSER <user> ` +
      `${rules} ~chp:* (Redis at ${master.address})`
  )
}
