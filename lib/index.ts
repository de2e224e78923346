// Describe a conversation: flows, steps, words and calls.

export { Address } from './conversation/address.ts'
export { Content } from './conversation/content.ts'
export type { Migration, MigrationState } from './conversation/migration.ts'
export type {
  CallAnswer,
  CallContext,
  CallDefinition,
  CallFailure,
  Relogin,
  ResetWay
} from './conversation/program.ts'
export type { FlowFrame } from './conversation/record.ts'
export { Reply, type ReplyOption, type ReplySection } from './conversation/reply.ts'
export {
  accept,
  ask,
  attempt,
  type Bot,
  type BotOutline,
  type BotSpec,
  back,
  branch,
  type Call,
  CallFailed,
  type CallSpec,
  type Command,
  type Core,
  type CoreAct,
  type CoreHands,
  type CoreView,
  call,
  checkBot,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  type End,
  end,
  enter,
  type Finding,
  type FindingKind,
  type Flow,
  type FlowHead,
  flowGraph,
  forget,
  type Goto,
  goto,
  type Hands,
  handover,
  type Invariant,
  type Option,
  outlineOf,
  type Reminder,
  refuse,
  reject,
  remindAt,
  rest,
  type Say,
  type Step,
  say,
  type Template,
  type Text,
  tell,
  text,
  type View
} from './flow/index.ts'
export { Secret } from './kernel/secret.ts'

// Run it: the runtime, its options, what it tells its host.

export { createRuntime } from './app/create-runtime.ts'
export type { Receipt } from './channel/channel.ts'
export { policyFile, watchedPolicy } from './config/policy-file.ts'
export type { AlarmNotice, SendAlarm } from './runtime/alarms.ts'
export type { FailureContext, JudgedFailure } from './runtime/failure-context.ts'
export type { Inspection } from './runtime/inspect.ts'
export type { Limits } from './runtime/parts.ts'
export type { Activity } from './runtime/running.ts'
export type {
  ConversationHandle,
  Message,
  Runtime,
  RuntimeOptions
} from './runtime/runtime.ts'
export type { Listener, RuntimeEvents, TurnTrace } from './runtime/trace.ts'
export { unwatched, type WatchdogLimits } from './runtime/watchdog.ts'
export { type KeyRing, keyRing } from './store/seal.ts'
export { type Judged, judge, type Verdict } from './supervision/judge.ts'
export {
  type DirectiveName,
  defaultPolicy,
  type Policy,
  type Rule,
  type When
} from './supervision/policy.ts'
export type { PolicySource } from './supervision/policy-source.ts'
export { policyFrom } from './supervision/read-policy.ts'

// Extend it: a channel, a store, a bot without flows, a clock or a log of one's own.

export type {
  Channel,
  ChannelHost,
  Heard,
  HeardStatus,
  Outgoing,
  Sent
} from './channel/channel.ts'
export type {
  At,
  AuditNote,
  CallIntent,
  Decide,
  Decision,
  RungNote,
  SetAsideNote
} from './conversation/decision.ts'
export type { Program } from './conversation/program.ts'
export type { ConversationRecord } from './conversation/record.ts'
export type { OutsideEvent, TurnEvent } from './conversation/turn-event.ts'
export type { Cancel, Clock, Millis } from './kernel/clock.ts'
export type { Log } from './kernel/log.ts'
export type { HistogramSpec, MetricSpec, Metrics, Sample, Tally } from './kernel/metrics.ts'
export type { Random } from './kernel/random.ts'
export type {
  Commit,
  CommitOutcome,
  ConversationStore,
  DeferOutcome,
  Deferral,
  Exported,
  Fence,
  Full,
  HistoryRow,
  InboxRow,
  Listing,
  ListName,
  Loaded,
  Opened,
  Recoverable,
  Rewrite,
  StoredCall,
  StoreSecrets,
  StoreStats,
  UndeliveredRow
} from './store/conversation-store.ts'

// What can go wrong: every code, the error that carries it.

export {
  ChaperoneError,
  FAILURES,
  type Failure,
  type FailureCode,
  type FailureTag,
  failureOf
} from './kernel/failure.ts'
