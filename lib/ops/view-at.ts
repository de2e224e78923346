import type { ConversationRecord } from '../conversation/record.ts'
import { chronicleOf } from './chronicle.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'
import { type PastRecord, rebuilt } from './rebuild.ts'

/** A conversation as it was at a version; secrets are redacted. */
export interface VersionView {
  readonly tag: 'view'
  readonly conversation: string
  readonly epoch: string
  readonly version: number
  readonly stage: string
  readonly record: PastRecord
}

/** Reads the record of a version; see `Operator.viewAt`. */
export async function viewAt(
  desk: Desk,
  who: Who,
  version: number
): Promise<VersionView | Refusal> {
  const conversation = await conversationOf(desk, who)
  const chronicle = await chronicleOf(desk.store, conversation)
  if (chronicle === null) return unknownConversation(conversation)
  const past = rebuilt(desk, chronicle, version)
  if (past.tag === 'refused') return past
  const { record } = past
  const { epoch } = chronicle.fence
  return { tag: 'view', conversation, epoch, version, stage: stageOf(desk, record), record }
}

/** The stage this build gives the place; the core of a past record is for people only. */
function stageOf({ program }: Pick<Desk, 'program'>, record: PastRecord): string {
  return program.place(record as unknown as ConversationRecord).stage
}
