import { fail } from '../kernel/failure.ts'

const NAMESPACE = /^[A-Za-z0-9._-]{1,64}$/

/**
 * The name under which a bot's data stands, checked: two bots of different names never meet.
 *
 * Fails with CHP_SETTING_INVALID unless it is 1 to 64 of the characters A-Z a-z 0-9 . _ -
 */
export function checkedNamespace(namespace: string): string {
  return NAMESPACE.test(namespace)
    ? namespace
    : fail(
        'CHP_SETTING_INVALID',
        `The namespace ${JSON.stringify(namespace.slice(0, 80))} ` +
          'must be 1 to 64 of the characters A-Z a-z 0-9 . _ - .'
      )
}
