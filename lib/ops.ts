// Look back at single conversations, and repair them; bring all of them to another schema.
export type { CauseGroup, ManyOutcome, Which } from './ops/by-cause.ts'
export type { Refusal, Who } from './ops/desk.ts'
export type { VersionDiff } from './ops/diff.ts'
export type { Erased } from './ops/erase.ts'
export type { ConversationExport, Readable } from './ops/export-conversation.ts'
export type { HistoryLine, HistoryPage, HistoryRange } from './ops/history.ts'
export type { HoldOutcome, HoldRequest } from './ops/hold.ts'
export type { Linked } from './ops/link.ts'
export {
  type MigrateFailure,
  type MigrateGiven,
  type MigrateOptions,
  type MigrateProgress,
  type MigrateReport,
  migrate
} from './ops/migrate/migrate.ts'
export {
  type ListPage,
  type OpenOperator,
  type Operator,
  openOperator,
  operatorOf
} from './ops/operator.ts'
export type { ParkedEvent, ParkedRange } from './ops/parked-events.ts'
export {
  type PrometheusMetrics,
  type PrometheusOptions,
  prometheusMetrics
} from './ops/prometheus-metrics.ts'
export type { PastRecord } from './ops/rebuild.ts'
export type { ParkedOutcome, ParkedRequest } from './ops/redrive.ts'
export type { ResealOptions, ResealReport } from './ops/reseal/reseal.ts'
export type { RollbackOutcome, RollbackRequest } from './ops/rollback.ts'
export type { VersionView } from './ops/view-at.ts'
export type { AsideOptions } from './runtime/aside.ts'
