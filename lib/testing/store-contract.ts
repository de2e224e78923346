import { aliasChecks } from './store-contract/alias-checks.ts'
import { commitChecks } from './store-contract/commit-checks.ts'
import { deferChecks } from './store-contract/defer-checks.ts'
import { dueChecks } from './store-contract/due-checks.ts'
import { eraseChecks } from './store-contract/erase-checks.ts'
import { exportChecks } from './store-contract/export-checks.ts'
import { fenceChecks } from './store-contract/fence-checks.ts'
import { holdChecks } from './store-contract/hold-checks.ts'
import { listingChecks } from './store-contract/listing-checks.ts'
import { processChecks } from './store-contract/process-checks.ts'
import { readingChecks } from './store-contract/reading-checks.ts'
import { rowChecks } from './store-contract/row-checks.ts'
import type { StoreCheck } from './store-contract/store-check.ts'
import { windowChecks } from './store-contract/window-checks.ts'

export type { StoreCheck } from './store-contract/store-check.ts'

/**
 * What every store must do, as a list: each check stands alone, brings ids of its own, and rejects
 * when the store does otherwise. Run them with any runner.
 *
 * A check whose `needs` name a part that you cannot give is to be left out, visibly.
 *
 * @example
 * for (const { name, check } of storeContract) it(name, () => check({ store, other, advance }))
 */
export const storeContract: readonly StoreCheck[] = [
  ...commitChecks,
  ...fenceChecks,
  ...rowChecks,
  ...holdChecks,
  ...deferChecks,
  ...dueChecks,
  ...eraseChecks,
  ...windowChecks,
  ...readingChecks,
  ...listingChecks,
  ...aliasChecks,
  ...exportChecks,
  ...processChecks
]
