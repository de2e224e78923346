import type { HistogramSpec, MetricSpec } from '../../kernel/metrics.ts'

const FAST = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const SLOW = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const LATE = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600]

/** Every counter; `docs/operating.md` says what each is good for. */
export const COUNTERS = {
  receipts: metric(
    'receipts_total',
    'Messages, words of the host and delivery statuses, by how the runtime took them',
    ['event', 'outcome', 'reason']
  ),
  turns: metric('turns_total', 'Events taken, by what became of them', [
    'event',
    'flow',
    'outcome'
  ]),
  failures: metric('failures_total', 'Failures met while taking events', ['tag', 'code']),
  decisions: metric('policy_decisions_total', 'What the supervision policy said about failures', [
    'rule',
    'directive',
    'act'
  ]),
  restarts: metric('restarts_total', 'Events run again after a failure', ['directive']),
  parked: metric('parked_total', 'Events that were given up and parked', ['act']),
  held: metric('held_total', 'Conversations that were held', ['by']),
  recoveries: metric('recoveries_total', 'Damaged records that came back', ['rung']),
  setAside: metric('rows_set_aside_total', 'Damaged rows that were parked as found', ['what']),
  rollbacks: metric('rollbacks_total', 'Conversations of which the store lost commits', []),
  alarms: metric('alarms_total', 'Alarms as runtime.on hears them', ['code']),
  alarmPosts: metric('alarm_posts_total', 'Posts to the webhook of the policy', ['outcome']),
  replies: metric('replies_total', 'Replies offered to channels', ['channel', 'outcome']),
  callAttempts: metric('call_attempts_total', 'Attempts of outside calls', [
    'call',
    'what',
    'outcome'
  ]),
  storeCalls: metric('store_calls_total', 'Calls of the store', ['operation', 'outcome']),
  webhookPosts: metric('webhook_posts_total', 'Posts of a provider, by answer', [
    'channel',
    'status'
  ]),
  logLines: metric('log_lines_total', 'Lines of the log at warn and error', ['level', 'event'])
} as const satisfies Readonly<Record<string, MetricSpec>>

/** Every histogram, all in seconds. */
export const HISTOGRAMS = {
  receiptSeconds: times('receipt_seconds', 'From arrival to receipt, queues included', FAST, [
    'event'
  ]),
  turnSeconds: times('turn_seconds', 'Taking one event, commit included', FAST, ['event']),
  timerLateness: times('timer_lateness_seconds', 'How late timers were that took effect', LATE, []),
  sendSeconds: times('send_seconds', 'Offering one reply to its channel', SLOW, ['channel']),
  callSeconds: times('call_attempt_seconds', 'One attempt of an outside call', SLOW, ['call']),
  storeSeconds: times('store_call_seconds', 'One call of the store', FAST, ['operation'])
} as const satisfies Readonly<Record<string, HistogramSpec>>

/** Every gauge, read when somebody looks. */
export const GAUGES = {
  info: metric('info', 'Always 1: which build runs, and on which store', [
    'build',
    'store',
    'durability'
  ]),
  ready: metric('ready', '1 while messages are taken and the store answers', []),
  storeAnswers: metric('store_answers', '1 while the store answers', []),
  cautious: metric('cautious', '1 while runs are noted because processes ended uncleanly', []),
  live: metric('live_conversations', 'Actors in memory', []),
  queued: metric('queued_events', 'Events that wait in mailboxes or are being taken', []),
  waiting: metric('store_waiting_turns', 'Turns that wait for the store to come back', []),
  untaken: metric('untaken_events', 'Ends of calls and replies that wait to be taken', []),
  replying: metric('replying_conversations', 'Conversations with replies on their way', []),
  sending: metric('sends', 'Sends under way', []),
  calls: metric('open_calls', 'Calls that wait, run, or whose result is not taken yet', []),
  breaker: metric('call_breaker_open', '1 while calls of this name are not made', ['call']),
  loopLag: metric('loop_lag_seconds', 'How late the event loop was at the last look', [])
} as const satisfies Readonly<Record<string, MetricSpec>>

function metric<L extends readonly string[]>(name: string, help: string, labels: L) {
  return { name: `chaperone_${name}`, help: `${help}.`, labels }
}

function times<L extends readonly string[]>(
  name: string,
  help: string,
  buckets: readonly number[],
  labels: L
) {
  return { ...metric(name, `${help}, in seconds`, labels), buckets }
}
