import { acknowledgedScript } from './acknowledged.ts'
import { aliasesScript, aliasScript } from './alias.ts'
import { claimDueScript } from './claim-due.ts'
import { claimOwnScript } from './claim-own.ts'
import { commitScript } from './commit.ts'
import { deferScript } from './defer.ts'
import { eraseScript } from './erase.ts'
import { exportScript } from './export.ts'
import { holdRepliesScript } from './hold-replies.ts'
import { keepProcessScript } from './keep-process.ts'
import { listScript } from './list.ts'
import { loadScript } from './load.ts'
import { recoverableScript } from './recoverable.ts'
import { rewriteScript } from './rewrite.ts'
import type { Script } from './script.ts'
import { settleDueScript } from './settle-due.ts'
import { timeScript } from './time.ts'

/** Every script that a client of the store defines. */
export const SCRIPTS: readonly Script[] = [
  acknowledgedScript,
  aliasesScript,
  aliasScript,
  claimDueScript,
  claimOwnScript,
  commitScript,
  deferScript,
  eraseScript,
  exportScript,
  holdRepliesScript,
  keepProcessScript,
  listScript,
  loadScript,
  recoverableScript,
  rewriteScript,
  settleDueScript,
  timeScript
]
