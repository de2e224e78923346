import { failureOf } from './failure.ts'

const NAME = /^[A-Za-z0-9_$]{1,64}$/
const FRAME = /^\n\s+at ([^\n]{1,200})/

/**
 * What was thrown and where, without its message: messages of foreign errors quote what a member
 * wrote (`JSON.parse` does), and that must not reach a log.
 */
export function whatWasThrown(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${error === null ? 'null' : typeof error}`
  const name = NAME.test(error.name) ? error.name : 'Error'
  const place = FRAME.exec(framesOf(error))?.[1]
  return place === undefined ? name : `${name} at ${place}`
}

/** What may be logged of any error: the code of the failure that it carries, or what was thrown. */
export function whatWentWrong(error: unknown): string {
  return failureOf(error)?.code ?? whatWasThrown(error)
}

/** Where it was thrown: the innermost frames of its stack, without its message. */
export function stackOf(error: unknown, most = 5): readonly string[] {
  if (!(error instanceof Error)) return []
  const frames = framesOf(error)
    .split('\n')
    .filter(line => line.trimStart().startsWith('at '))
  return frames.slice(0, most).map(line => line.trim().slice(3, 203))
}

// The message stands before the frames and may look like one, so it is skipped as a whole.
function framesOf({ stack, message }: Error): string {
  if (typeof stack !== 'string') return ''
  const [, name = ''] = /^([A-Za-z0-9_$]*)/.exec(stack) ?? []
  const header = message === '' ? name : `${name}: ${message}`
  return stack.startsWith(header) ? stack.slice(header.length) : ''
}
