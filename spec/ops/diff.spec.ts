import assert from 'node:assert/strict'
import fc from 'fast-check'
import { applyPatch } from 'rfc6902'
import type { TurnEvent } from '../../lib/conversation/turn-event.ts'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { happenings, told } from '../support/told-conversation.ts'

describe('the difference of two versions', () => {
  it('leads from one to the other, both ways, and shows no secret', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.nat(), fc.nat(), async (list, some, other) => {
        const { process, world, happen } = await told()
        await happen('hi')
        for (const happening of list) await happen(happening)
        const ops = operatorOf(process.runtime)
        const { id } = process.chat()
        const page = await ops.history(id, { limit: 100 })
        assert.ok(page.tag === 'history')
        const versions = page.lines.map(({ version }) => version)
        const [from = 1, to = 1] = [some, other].map(n => versions[n % versions.length])
        const landed = world.landed.length

        const patch = await patchOf(ops, id, from, to)

        const record = await comparable(ops, id, from)
        assert.deepEqual(applyPatch(record, patch).filter(Boolean), [])
        assert.deepEqual(record, await comparable(ops, id, to))
        assert.doesNotMatch(JSON.stringify(patch), /of-ada/)
        assert.equal(world.landed.length, landed)
      }),
      { numRuns: 20 }
    )
  })

  it('says that a secret is another one now, and never which', async () => {
    const { process, happen } = await told()
    await happen('hi')
    await happen('hi')
    const ops = operatorOf(process.runtime)
    const { id } = process.chat()

    const patch = await patchOf(ops, id, 2, 4)
    const back = await patchOf(ops, id, 4, 2)

    const shown = { op: 'replace', path: '/core/token/value', value: '[redacted]' }
    assert.deepEqual(
      [patch, back].map(one => one.filter(({ path }) => path === shown.path)),
      [[shown], [shown]]
    )
    assert.ok(patch.some(({ path }) => path === '/core/token/setAt'))
  })

  it('says nothing of a secret that is the same', async () => {
    const { process, happen } = await told()
    await happen('hi')
    await happen('first option')
    const ops = operatorOf(process.runtime)

    const patch = await patchOf(ops, process.chat().id, 2, 3)

    assert.ok(patch.some(({ path }) => path === '/flow/step'))
    assert.ok(patch.every(({ path }) => !path.startsWith('/core')))
  })

  it('replaces a long list whole: to align it would take its length squared', async () => {
    const world = aWorld()
    const long = (event: TurnEvent) => Array.from({ length: 4_000 }, (_, n) => `${event.id}-${n}`)
    const process = await world.start({
      bot: chainProgram({
        hook: (state, event) => {
          const flow = { ...state.flow, data: { ...state.flow.data, list: long(event) } }
          return { tag: 'commit', next: { ...state, flow }, replies: [], call: null, audit: [] }
        }
      })
    })
    await process.say('a')
    await process.say('b')
    const ops = operatorOf(process.runtime)

    const patch = await patchOf(ops, process.chat().id, 1, 2)

    assert.deepEqual(
      patch.map(({ op, path }) => [op, path]),
      [['replace', '/flow/data/list']]
    )
  })
})

async function patchOf(ops: Operator, id: string, from: number, to: number) {
  const diff = await ops.diff(id, from, to)
  return diff.tag === 'diff' ? [...diff.patch] : assert.fail(diff.detail)
}

async function comparable(ops: Operator, id: string, version: number): Promise<object> {
  const view = await ops.viewAt(id, version)
  if (view.tag !== 'view') return assert.fail(view.detail)
  const { schema, core, flow, calls } = structuredClone(view.record)
  return { schema, core, flow, calls }
}
