import { defineFlow, goto, rest } from '../../../../lib/flow/index.ts'
import { LedgerCore } from '../core.ts'

/** Nobody is signed in yet, or any more: whatever is said, it begins with a login. */
export const initFlow = defineFlow(
  { core: LedgerCore, name: 'init', stage: 'INIT', start: 'none' },
  { none: rest({ next: goto({ flow: 'login' }) }) }
)
