import type { FailureCode, FailureTag } from '../kernel/failure.ts'

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
