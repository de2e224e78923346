import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  type BotOutline,
  type BotSpec,
  checkBot,
  choose,
  defineFlow,
  end,
  type Flow,
  outlineOf,
  text
} from '../../../lib/flow/index.ts'
import { asking, en, menu, type Plain, said } from './bad-bots.ts'

const pick = (...ids: readonly string[]): unknown =>
  choose({
    prompt: text('menu'),
    options: ids.map(id => ({ id, label: id })),
    next: () => end(),
    invalid: text('bad')
  })

function botOf(
  steps: Readonly<Record<string, unknown>>,
  head: object = {},
  more: Partial<BotSpec<Plain>> = {}
): BotSpec<Plain> {
  const start = Object.keys(steps)[0] ?? 'none'
  const data = t.partial({ a: t.string })
  const form = defineFlow({ name: 'form', data, start, ...head }, steps as never)
  return {
    name: 'bot',
    flows: [menu, form] as readonly Flow<Plain>[],
    start: 'menu',
    texts: { en },
    ...more
  }
}

/** An outline that went through a file, as it does between two releases. */
function kept(spec: BotSpec<Plain>): BotOutline {
  return JSON.parse(JSON.stringify(outlineOf(spec))) as BotOutline
}

const twoSteps = { a: asking(text('ask'), { kind: 'goto', step: 'b' }), b: asking(text('ask')) }
const oneStep = { a: asking(text('ask')) }

function deployOf(next: BotSpec<Plain>, previous: BotSpec<Plain>): readonly string[] {
  return said(checkBot(next, kept(previous)), 'deploy')
}

describe('checkBot with the outline of the build before', () => {
  it('finds nothing between two equal builds', () => {
    assert.deepEqual(checkBot(botOf(twoSteps), kept(botOf(twoSteps))), [])
  })

  it('names a step that is gone though the version is the same', () => {
    assert.deepEqual(deployOf(botOf(oneStep), botOf(twoSteps)), [
      'form.b: the step is gone: raise the version above 1'
    ])
  })

  it('names a step that is gone from a flow without an upgrade', () => {
    assert.deepEqual(deployOf(botOf(oneStep, { version: 2 }), botOf(twoSteps)), [
      'form.b: the step is gone: the flow has no upgrade'
    ])
  })

  it('names a step that upgrade gives nothing for, or leads astray', () => {
    const nothing = { version: 2, upgrade: () => null }
    const astray = { version: 2, upgrade: () => ({ step: 'c', data: {} }) }
    assert.deepEqual(deployOf(botOf(oneStep, nothing), botOf(twoSteps)), [
      'form.b: the step is gone: upgrade gives nothing for it'
    ])
    assert.deepEqual(deployOf(botOf(oneStep, astray), botOf(twoSteps)), [
      'form.b: the step is gone: upgrade leads to "c"'
    ])
  })

  it('lets a step go that upgrade leads on from, or that upgrade wants data for', () => {
    const upgrade = () => ({ step: 'a', data: {} })
    const wanting = ({ data }: { data: { a?: { b: string } } }) => ({ step: data.a!.b, data: {} })
    assert.deepEqual(deployOf(botOf(oneStep, { version: 2, upgrade }), botOf(twoSteps)), [])
    assert.deepEqual(
      deployOf(botOf(oneStep, { version: 2, upgrade: wanting }), botOf(twoSteps)),
      []
    )
  })

  it('names an option and a field that are gone though the version is the same', () => {
    const was = botOf({ p: pick('x', 'y') }, { data: t.partial({ a: t.string, b: t.string }) })
    assert.deepEqual(deployOf(botOf({ p: pick('x') }), was), [
      'form.p: option "y" is gone: raise the version above 1',
      'form.: field "b" of its data is gone: raise the version above 1'
    ])
    assert.deepEqual(deployOf(botOf({ p: pick('x') }, { version: 2 }), was), [])
  })

  it('names a flow that is gone, a version that went back and a schema that went back', () => {
    const was = botOf(oneStep, { version: 3 }, { schema: 2 })
    const without = { ...botOf(oneStep), flows: [menu] as readonly Flow<Plain>[], schema: 2 }
    const went = checkBot({ ...without, start: 'menu' }, kept(was))
    assert.deepEqual(said(went, 'deploy'), [
      'form.: the flow is gone: who is in it is sent to the menu'
    ])
    assert.deepEqual(deployOf(botOf(oneStep), was), [
      '.: schema 1 is lower than 2 before',
      'form.: version 1 is lower than 3 before'
    ])
  })
})
