import { fail } from '../../kernel/failure.ts'

/** Fails with CHP_SETTING_INVALID for a size that is none, or a level this store does not have. */
export function checkSettings({
  bytesMost,
  durability
}: {
  readonly bytesMost?: number
  readonly durability?: string
}): void {
  if (bytesMost !== undefined && !(bytesMost > 0)) {
    fail('CHP_SETTING_INVALID', `bytesMost must be a number of bytes above 0, not ${bytesMost}.`)
  }
  if (durability === undefined || durability === 'embedded') return
  fail('CHP_SETTING_INVALID', 'The level of the embedded store is embedded; redisStore has others.')
}
