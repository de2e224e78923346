// Describe a conversation.

// Run it.
export { createRuntime } from './app/create-runtime.ts'
export type { Channel, Receipt } from './channel/channel.ts'
export { policyFile } from './config/policy-file.ts'
export { Address } from './conversation/address.ts'
export { Content } from './conversation/content.ts'
export { Reply, type ReplySection } from './conversation/reply.ts'
export {
  accept,
  ask,
  attempt,
  type Bot,
  type BotSpec,
  back,
  branch,
  CallFailed,
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
  end,
  enter,
  type Finding,
  type Flow,
  goto,
  type Hands,
  type Invariant,
  type Option,
  refuse,
  reject,
  rest,
  say,
  type Text,
  tell,
  text,
  type View
} from './flow/index.ts'
// What can go wrong.
export { ChaperoneError, FAILURES, type Failure, failureOf } from './kernel/failure.ts'
export type { Runtime, RuntimeOptions } from './runtime/runtime.ts'
export { type KeyRing, keyRing } from './store/seal.ts'
export { defaultPolicy, type Policy, policyFrom } from './supervision/policy.ts'
