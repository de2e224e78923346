import { isLeft } from 'fp-ts/lib/Either.js'
import type { CallAnswer, CallDefinition, CallFailure } from '../conversation/program.ts'
import type { Clock, Millis } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Secret } from '../kernel/secret.ts'

export interface AttemptParts {
  readonly clock: Clock
  readonly log: Log
}

/** How one attempt of a call ended. */
export type Ended =
  | ({ readonly tag: 'answered' } & CallAnswer)
  /** Read back: the call was not done. */
  | { readonly tag: 'notDone' }
  | CallFailure

/** What one attempt is given besides the call itself. */
export interface Given {
  readonly token: Secret | null
  /** 1 for the first. */
  readonly attempt: number
  readonly stop: AbortSignal
  /** Makes the call, or only asks what became of it. */
  readonly what: 'run' | 'readBack'
}

/**
 * Makes a call once, or reads it back, within its time limit; a later answer is nobody's.
 *
 * Never rejects: a throw is an unknown outcome, for the call may have been made before it.
 */
export async function attempted(
  { clock, log }: AttemptParts,
  definition: CallDefinition,
  { name, key, input }: { readonly name: string; readonly key: string; readonly input: unknown },
  { token, attempt, stop, what }: Given
): Promise<Ended> {
  const limit = new AbortController()
  const context = { key, token, attempt, signal: limit.signal }
  const startedMs = clock.monotonicMs()
  const made = runOnce(definition, input, context, what)
  const ended = await new Promise<Ended>(resolve => {
    const end = (result: Ended): void => {
      cancel()
      stop.removeEventListener('abort', onStop)
      resolve(result)
    }
    const giveUp = (detail: string): void => {
      limit.abort()
      end({ tag: 'unknown', detail })
    }
    const onStop = (): void => giveUp('stopping')
    const cancel = clock.after(definition.timeoutMs, () => giveUp('time limit'))
    stop.addEventListener('abort', onStop, { once: true })
    void made.then(end)
  })
  const tookMs = Math.round(clock.monotonicMs() - startedMs)
  const fields = { call: name, key, attempt, what, ended: ended.tag, tookMs }
  log.debug({ event: 'call.attempt', ...fields }, 'attempt ended')
  return ended
}

async function runOnce(
  definition: CallDefinition,
  input: unknown,
  context: Parameters<CallDefinition['run']>[1],
  what: Given['what']
): Promise<Ended> {
  try {
    const made =
      what === 'run' ? definition.run(input, context) : definition.readBack?.(input, context)
    const result = await made?.()
    if (result === undefined) return { tag: 'unknown', detail: 'nothing reads it back' }
    if (isLeft(result)) return result.left
    if (what === 'readBack' && result.right === null) return { tag: 'notDone' }
    if (result.right === null) return { tag: 'badAnswer', detail: 'no outcome' }
    const { outcome, output } = result.right
    const { outcomes } = definition
    const codec = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined
    if (codec === undefined) return { tag: 'badAnswer', detail: 'undeclared outcome' }
    return codec.is(output)
      ? { tag: 'answered', outcome, output }
      : { tag: 'badAnswer', detail: `outcome ${outcome} outside its codec` }
  } catch (error) {
    return { tag: 'unknown', detail: error instanceof Error ? error.name : 'thrown value' }
  }
}

/** Waits, unless it is stopped first. */
export function pauseUnlessStopped(clock: Clock, ms: Millis, stop: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (stop.aborted) {
      resolve()
      return
    }
    const end = (): void => {
      cancel()
      stop.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.after(ms, end)
    stop.addEventListener('abort', end, { once: true })
  })
}
