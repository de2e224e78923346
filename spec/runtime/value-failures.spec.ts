import assert from 'node:assert/strict'
import { FAILURES, type FailureCode, type FailureTag, failureOf } from '../../lib/kernel/failure.ts'
import type { JudgedFailure } from '../../lib/runtime/failure-context.ts'
import { DIRECTIVES, type DirectiveName } from '../../lib/supervision/policy.ts'
import { aWorld, until } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

/** What a rule may say about failures that are nobody's fault; the rest is refused. */
const ALLOWED: readonly DirectiveName[] = ['retry', 'escalate']
const TAGS = [...new Set(Object.values(FAILURES).map(({ tag }) => tag))].filter(
  tag => tag !== 'Defect'
)

describe('a failure that is no Defect', () => {
  for (const tag of TAGS)
    for (const act of DIRECTIVES) {
      const policy = { rules: [{ when: { failure: tag }, do: act }] } as const
      if (!ALLOWED.includes(act)) {
        it(`${tag} under ${act} is refused before anything is started`, () => {
          assert.throws(
            () => aWorld().made({ policy }),
            error => failureOf(error)?.code === 'CHP_POLICY_INVALID'
          )
        })
        continue
      }
      it(`${tag} under ${act} is never counted, and changes nothing`, async () => {
        const world = aWorld()
        const process = await world.start({ policy })
        const failures: JudgedFailure[] = []
        process.runtime.on('failure', failure => failures.push(failure))
        await process.say('m0')
        const times = 60
        world.store.plan('commit', { fail: 'before', code: codeOf(tag) }, { times })

        const receipts = [process.say('bad'), process.say('m1')].map(receipt =>
          until(world.clock, receipt)
        )
        const tags = (await Promise.all(receipts)).map(receipt => receipt.tag)
        world.store.heal()
        await world.pass(20_000)

        assert.deepEqual(tags, ['shed', 'shed'])
        for (const id of ['bad', 'm1'])
          assert.equal((await until(world.clock, process.say(id))).tag, 'committed')
        const { data, held, waiting } = (await process.chat().inspect())!
        assert.deepEqual(
          [data['chain'], held, waiting, process.channel.texts()],
          [foldOf(['m0', 'bad', 'm1']), undefined, 0, ['1 m0', '2 bad', '3 m1']]
        )
        // Nothing was given up, so nothing is parked, and the history has nothing to tell of it.
        assert.deepEqual(await world.model.parked(process.chat().id), [])
        const rows = await world.model.history(process.chat().id, { limit: 9 })
        assert.deepEqual(
          rows.map(({ row }) => (JSON.parse(row) as { notes: unknown }).notes),
          [[], [], []]
        )
        assert.deepEqual(
          failures.map(failure => [failure.tag, failure.directive, failure.rule, failure.service]),
          failures.map(() => [tag, act, 1, 'store'])
        )
        assert.equal(failures[0]?.event.id, 'bad')
        const alarms = process.heard.filter(
          ({ name, event }) => name === 'alarm' && 'cause' in (event as object)
        )
        assert.equal(alarms.length, act === 'escalate' ? 1 : 0)
      })
    }
})

function codeOf(tag: FailureTag): FailureCode {
  const own: Partial<Record<FailureTag, FailureCode>> = { Unavailable: 'CHP_STORE_REFUSED' }
  const found = Object.entries(FAILURES).find(([, entry]) => entry.tag === tag)
  return own[tag] ?? (found?.[0] as FailureCode)
}
