// What a bot says: flows as data and small pure functions, made into a `Program` that the runtime
// runs. Nothing here does any IO or knows how a turn is stored.
export { type Core, coreOf } from '../conversation/record.ts'
export type {
  Action,
  Back,
  Begin,
  CoreAct,
  End,
  Goto,
  Moves,
  Patched,
  Plain,
  PlainMoves,
  Refuse,
  Say
} from './action.ts'
export { back, refuse } from './action.ts'
export { accept, reject } from './answer.ts'
export type { BotSpec, Command, Says } from './bot-spec.ts'
export { checkBot } from './check/check-bot.ts'
export type { Finding, FindingKind } from './check/finding.ts'
export { ask } from './components/ask.ts'
export { branch } from './components/branch.ts'
export { call, type Settled } from './components/call.ts'
export { choose, type Option } from './components/choose.ts'
export { confirm } from './components/confirm.ts'
export { end } from './components/end.ts'
export { enter } from './components/enter.ts'
export { goto } from './components/goto.ts'
export { rest } from './components/rest.ts'
export { say } from './components/say.ts'
export type { CoreHands, Hands, SignedIn } from './core-hands.ts'
export { type Bot, defineBot } from './define-bot.ts'
export { attempt, type Call, CallFailed, defineCall } from './define-call.ts'
export { defineFlow, type Flow } from './define-flow.ts'
export type { Step } from './step.ts'
export { tell } from './tell.ts'
export { type Text, text } from './text.ts'
export type { CoreView, View } from './view.ts'
