import type { FailureCode, FailureTag } from '../kernel/failure.ts'
import type { DirectiveName, Rung } from '../supervision/policy.ts'

/** A failure met while taking an event, and all that says where. Holds nothing a member wrote. */
export interface FailureContext {
  readonly tag: FailureTag
  readonly code: FailureCode
  readonly message: string
  /** What failed: the bot while deciding, or the store. */
  readonly service: 'bot' | 'store'
  readonly action: 'decide' | 'reset' | 'park' | 'hold' | 'store'
  readonly event: { readonly kind: string; readonly id: string }
  readonly conversation: string
  readonly stage: string
  readonly flow: string
  readonly step: string
  /** Runs of the event, this one included. */
  readonly attempt: number
  /** The newest version this process knew; 0 for none. */
  readonly version: number
  /** The innermost frames, without the message of the error. */
  readonly stack: readonly string[]
  /** Names failures that have one reason: code, flow, step and the innermost frame. */
  readonly cause: string
  /** The build that failed. */
  readonly build: string
}

/** A failure and what is done about it. */
export interface JudgedFailure extends FailureContext {
  readonly directive: DirectiveName
  /** What is done: for `escalate` the ladder's last rung. Null: nothing is left, it is shed. */
  readonly act: Rung | null
  /** The rule of the policy that matched, the first being 1; null where the ladder decided. */
  readonly rule: number | null
  readonly why: string
}
