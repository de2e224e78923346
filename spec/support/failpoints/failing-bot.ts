import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Decision } from '../../../lib/conversation/decision.ts'
import type { CallDefinition, Program } from '../../../lib/conversation/program.ts'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import type { TurnEvent } from '../../../lib/conversation/turn-event.ts'
import { chainProgram } from '../chain-program.ts'
import type { Failpoints } from './failpoints.ts'

const QUEUED = 16

/**
 * The chain program with words of its own: `three` answers in three parts, `poison` always throws.
 * Every reply names the message it answers, so that whoever gets it can tell a loss from a double.
 *
 * Places: `handler`, `queued` (so many others wait), `timer`, `migrating`, `calling`, `called`.
 */
export function failingBot(
  points: Failpoints,
  { schema, ledgerUrl, onMigrated }: BotOptions
): Program {
  const hook = (_state: ConversationRecord, event: TurnEvent): undefined => {
    points.arrive(event.kind === 'TimerDue' ? 'timer' : 'handler')
    if (points.inFlight >= QUEUED) points.arrive('queued')
    if (saidBy(event).startsWith('poison')) throw new Error('poison')
  }
  const chain = chainProgram({ hook, calls: { pay: payment(points, ledgerUrl) } })
  return {
    ...chain,
    schema,
    initial: (address, at) => ({ ...chain.initial(address, at), schema }),
    migrations: [
      {
        from: 1,
        to: 2,
        up: ({ core, flow }) => {
          points.arrive('migrating')
          onMigrated()
          return { core: { ...core, cache: 'moved' }, flow }
        },
        down: state => state
      }
    ],
    decide: (state, event, at) => {
      const decision = chain.decide(state, event, at)
      return saidBy(event) === 'three' ? inParts(decision) : decision
    },
    reset: (state, event, at) => {
      const decision = chain.reset(state, event, at)
      if (decision.tag !== 'commit') return decision
      return { ...decision, replies: [{ kind: 'text', text: `sorry ${event.id}` }] }
    }
  }
}

interface BotOptions {
  readonly schema: number
  readonly ledgerUrl: string
  readonly onMigrated: () => void
}

function saidBy(event: TurnEvent): string {
  return event.kind === 'Inbound' && event.content.kind === 'text' ? event.content.text : ''
}

function inParts(decision: Decision): Decision {
  const [reply] = decision.tag === 'commit' ? decision.replies : []
  if (decision.tag !== 'commit' || reply?.kind !== 'text') return decision
  const part = (number: number) => ({ ...reply, text: `${reply.text} part ${number}` })
  return { ...decision, replies: [part(1), part(2), part(3)] }
}

function payment(points: Failpoints, url: string): CallDefinition {
  return {
    name: 'pay',
    effect: true,
    input: t.unknown,
    outcomes: { ok: t.unknown },
    attempts: 3,
    timeoutMs: 2_000,
    run:
      (input, { key }) =>
      async () => {
        points.arrive('calling')
        const { id } = input as { id: string }
        try {
          const answer = await fetch(url, { method: 'POST', headers: { key, id } })
          points.arrive('called')
          return E.right({ outcome: 'ok', output: (await answer.json()) as unknown })
        } catch (error) {
          return E.left({ tag: 'unknown', detail: String(error) })
        }
      }
  }
}
