import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { CallDefinition, Program } from '../../conversation/program.ts'
import { Secret } from '../../kernel/secret.ts'
import { chainProgram } from './chain-program.ts'
import { CANARY } from './members.ts'

/**
 * The chain program with a payment and a look at something, to be made through a failing world, and
 * a login that renews a refused token.
 */
export function chainBot(): Program {
  return chainProgram({
    calls: {
      pay: declared('pay', true),
      look: declared('look', false),
      login: { ...declared('login', false), outcomes: { ok: t.unknown, memberUnknown: t.unknown } }
    },
    relogin: {
      call: 'login',
      input: () => null,
      token: ({ outcome }) => (outcome === 'ok' ? Secret.of(`${CANARY} token`) : 'memberUnknown')
    },
    progressAfterMs: 1_500
  })
}

function declared(name: string, effect: boolean): CallDefinition {
  const outcomes = { ok: t.unknown }
  const run = () => TE.right({ outcome: 'ok', output: null })
  return { name, effect, input: t.unknown, outcomes, attempts: 3, timeoutMs: 2_000, run }
}
