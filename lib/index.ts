// Describe a conversation.
export {
  accept,
  ask,
  attempt,
  type Bot,
  back,
  branch,
  call,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  end,
  enter,
  goto,
  refuse,
  reject,
  say,
  text
} from './flow/index.ts'
export { Address } from './conversation/address.ts'
export { Content } from './conversation/content.ts'
export { Reply } from './conversation/reply.ts'
// Run it.
export { createRuntime, type Runtime, type RuntimeOptions } from './runtime/runtime.ts'
export { policyFile } from './config/policy-file.ts'
export { defaultPolicy, type Policy, policyFrom } from './supervision/policy.ts'
export { type KeyRing, keyRing } from './store/seal.ts'
export type { Channel, Receipt } from './channel/channel.ts'
// What can go wrong.
export { ChaperoneError, FAILURES, type Failure, failureOf } from './kernel/failure.ts'
