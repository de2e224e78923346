import assert from 'node:assert/strict'
import fc from 'fast-check'
import { operatorOf } from '../../lib/ops/operator.ts'
import { happenings, type Told, told } from '../support/told-conversation.ts'

describe('what the history tells of a conversation, whatever happened in it', () => {
  it('is at each version the record that was committed then, without its secrets', async () => {
    let seen = 0
    await fc.assert(
      fc.asyncProperty(happenings, async list => {
        const conversation = await told()
        for (const happening of list) await conversation.happen(happening)
        seen += await checkedVersions(conversation)
      }),
      { numRuns: 25 }
    )
    assert.ok(seen > 200, `${seen} versions`)
  })
})

/** Compares every version that is listed, and counts them. */
async function checkedVersions({ process, world, records }: Told): Promise<number> {
  const ops = operatorOf(process.runtime)
  const { id } = process.chat()
  const page = await ops.history(id, { limit: 100 })
  if (page.tag === 'refused') return 0
  const before = world.landed.length
  const firsts = Array.from(records.values(), record => (record as Stored).meta.initializedAt)
  assert.equal(new Set(firsts).size, 1)
  let newest: unknown = null
  for (const { version, tag, whole } of page.lines.toReversed()) {
    const view = await ops.viewAt(id, version)
    if (view.tag !== 'view') return assert.fail(`version ${version}: ${view.detail}`)
    const { session, timers, ...told } = view.record
    newest = records.get(version) ?? newest
    if (newest === null) continue
    const { session: wasSession, timers: wasTimers, ...was } = newest as Record<string, unknown>
    const isTold = session !== null || timers !== null
    assert.deepEqual({ ...told, meta: told.meta ?? was['meta'] }, was, `version ${version}`)
    if (isTold) assert.deepEqual({ session, timers }, { session: wasSession, timers: wasTimers })
    assert.ok(isTold || !whole, `version ${version} is whole`)
    assert.equal(tag === 'deferred', !records.has(version))
  }
  assert.equal(world.landed.length, before)
  assert.doesNotMatch(JSON.stringify(page), /of-ada/)
  return page.lines.length
}

interface Stored {
  readonly meta: { readonly initializedAt: number }
}
