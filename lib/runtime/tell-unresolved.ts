import { failure } from '../kernel/failure.ts'
import type { Parts } from './parts.ts'

/** Asks a person to look up a call that may have been done. */
export function tellUnresolved(
  { log, alarms }: Pick<Parts, 'log' | 'alarms'>,
  conversation: string,
  call: string,
  key: string
): void {
  const detail = `The call ${call} with the key ${key} may have been done.`
  const failed = failure('CHP_CALL_UNRESOLVED', detail)
  log.error({ event: 'call.unresolved', conversation, call, key, code: failed.code }, 'look it up')
  alarms.notice({ failure: failed, conversation, where: `call ${call}` })
}
