import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Program } from '../../../lib/conversation/program.ts'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { type Inspection, inspect } from '../../../lib/runtime/inspect.ts'

/** Who a conversation belongs to, in the words of the form. */
export interface Identity {
  readonly memberId: string | null
  readonly tier: number | null
  readonly activeAccountId: string | null
}

/** A conversation as the expectations speak of it. */
export interface Look {
  readonly stage: string
  readonly step: string
  readonly data: Readonly<Record<string, unknown>>
  readonly attempts: number
  readonly identity: Identity
  /** Instance of the open prompt. */
  readonly prompt: string | null
}

/** What nobody has spoken in yet. */
const nothing: Look = {
  stage: 'INIT',
  step: 'none',
  data: {},
  attempts: 0,
  identity: { memberId: null, tier: null, activeAccountId: null },
  prompt: null
}

/** Looks at what is stored; damage is shown in place of the stage. */
export async function lookAt(
  source: Parameters<typeof inspect>[0],
  conversation: string
): Promise<Look> {
  try {
    const seen = await inspect(source, conversation)
    return seen === null ? nothing : lookOfInspection(seen)
  } catch (error) {
    const code = failureOf(error)?.code
    if (code === undefined) throw error
    return { ...nothing, stage: `unreadable (${code})` }
  }
}

/** Looks at a state as a turn left it. */
export function lookOfState(program: Program, state: ConversationRecord): Look {
  const { stage, step } = program.place(state)
  const { data, validation, prompt } = state.flow
  return {
    stage,
    step,
    data,
    attempts: validation.attempts,
    identity: identityIn(state.core),
    prompt: prompt?.instance ?? null
  }
}

function lookOfInspection({ stage, step, data, validation, core, prompt }: Inspection): Look {
  return {
    stage,
    step,
    data,
    attempts: validation.attempts,
    identity: identityIn(core),
    prompt: prompt?.instance ?? null
  }
}

const CoreLike = t.type({
  member: t.union([t.type({ memberId: t.string, tier: t.number }), t.null]),
  account: t.union([t.string, t.null])
})

function identityIn(core: unknown): Identity {
  const decoded = CoreLike.decode(core)
  if (!isRight(decoded)) return nothing.identity
  const { member, account } = decoded.right
  return {
    memberId: member?.memberId ?? null,
    tier: member?.tier ?? null,
    activeAccountId: account
  }
}
