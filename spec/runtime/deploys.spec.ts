import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { Content } from '../../lib/conversation/content.ts'
import {
  accept,
  type Bot,
  type Core,
  choose,
  defineBot,
  defineFlow,
  end,
  type Flow,
  goto,
  text
} from '../../lib/flow/index.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'

type Plain = Core<never, never>
const Data = t.partial({ first: t.string, second: t.string })
const asks = (field: 'first' | 'second', next: unknown): object => ({
  kind: 'ask',
  spec: { fields: [field], prompt: text(field), read: (a: string) => accept({ [field]: a }), next }
})
const menu = (version: 1 | 2, flows: readonly string[]) =>
  defineFlow<'pick', Plain>(
    { name: 'menu', version, start: 'pick', upgrade: ({ step, data }) => ({ step, data }) },
    {
      pick: choose({
        prompt: text('menu'),
        options: flows.map(id => ({ id, label: id })),
        next: Object.fromEntries(flows.map(flow => [flow, goto({ flow })])),
        invalid: text('menu')
      }) as never
    }
  )
const form = (head: object, steps: object): Flow<Plain> =>
  defineFlow<string, Plain>({ data: Data, start: 'one', ...head } as never, steps as never)
const says = {
  first: 'First?',
  second: 'Second?',
  menu: 'Menu.',
  done: 'Done.',
  gone: 'This question is gone.'
}
const botOf = (flows: readonly Flow<Plain>[]): Bot<Plain> =>
  defineBot<Plain>({ name: 'deployed', flows, start: 'menu', texts: { en: says } })

const done = end(text('done'))
/** What runs, and the build after it: a step renamed, one removed, a flow gone. */
const older = botOf([
  menu(1, ['renamed', 'removed', 'same', 'closed']),
  form({ name: 'renamed' }, { one: asks('first', goto('two')), two: asks('second', done) }),
  form({ name: 'removed' }, { one: asks('first', goto('two')), two: asks('second', done) }),
  form({ name: 'same' }, { one: asks('first', goto('two')), two: asks('second', done) }),
  form({ name: 'closed' }, { one: asks('first', goto('two')), two: asks('second', done) })
])
const newer = botOf([
  menu(2, ['renamed', 'removed', 'same']),
  form(
    {
      name: 'renamed',
      version: 2,
      upgrade: ({ step, data }: { step: string; data: object }) => ({
        step: step === 'two' ? 'last' : step,
        data
      })
    },
    { one: asks('first', goto('last')), last: asks('second', done) }
  ),
  form({ name: 'removed', version: 2, retired: text('gone') }, { one: asks('first', done) }),
  form({ name: 'same' }, { one: asks('first', goto('two')), two: asks('second', done) })
])
const GROUPS = ['renamed', 'removed', 'same', 'closed', 'menu'] as const
type Group = (typeof GROUPS)[number]
const users = (group: Group): readonly string[] =>
  Array.from({ length: 20 }, (_, nth) => `${group}${nth}`)

describe('100 conversations under way while the bot is deployed', function () {
  this.timeout(30_000)

  it('go on: brought up, told that it is gone, or as if nothing had happened', async () => {
    const { world, process } = await live()
    process.kill()

    const next = await world.start({ bot: newer })

    for (const group of GROUPS)
      for (const user of users(group)) {
        const before = next.channel.texts().length
        const receipt = await said(world, next, user, 'd1', 'blue')
        assert.equal(receipt.tag, 'committed', user)
        await world.settle()
        assert.deepEqual(next.channel.texts().slice(before), answers[group], user)
      }
    assert.deepEqual(next.heard, [])
    for (const user of users('renamed')) assert.equal((await shown(next, user)).flow, 'menu', user)
  })

  it('wait, unharmed, for the newer build when the older one comes back', async () => {
    const { world, process } = await live()
    process.kill()
    const second = await world.start({ bot: newer })
    for (const group of ['renamed', 'menu'] as const)
      for (const user of users(group)) await said(world, second, user, 'd1', 'blue')
    await world.settle()
    second.kill()

    const third = await world.start({ bot: older })
    const tags: string[] = []
    for (const user of users('renamed')) {
      tags.push((await said(world, third, user, 'd2', 'hello?')).tag)
      tags.push((await said(world, third, user, 'd3', 'still there?')).tag)
    }
    const same = await said(world, third, 'same0', 'd2', 'blue')

    assert.deepEqual([...new Set(tags)], ['deferred'])
    assert.equal(same.tag, 'committed')
    third.kill()
    const before = third.channel.texts().length
    const fourth = await world.start({ bot: newer })
    await world.pass(30_000)
    for (const user of users('renamed')) {
      const { waiting, flow } = await shown(fourth, user)
      assert.deepEqual([waiting, flow], [0, 'menu'], user)
      const causes = world.landed
        .filter(row => row.conversation === fourth.chat(user).id)
        .flatMap(row => row.causes)
      assert.deepEqual(causes.slice(-2), ['d2', 'd3'], user)
    }
    assert.deepEqual(fourth.channel.texts().slice(before), Array(40).fill(MENU))
  })
})

const RETIRED = 'This has changed meanwhile, let us start over.'
/** The menu of the newer build, which has three buttons. */
const MENU = 'buttons'
const answers: Readonly<Record<Group, readonly string[]>> = {
  renamed: [says.done, MENU],
  removed: [says.gone, MENU],
  same: [says.done, MENU],
  closed: [RETIRED, MENU],
  menu: [MENU]
}

/** 100 conversations of the older build: 80 at a second question, 20 at the menu. */
async function live(): Promise<{ world: World; process: Process }> {
  const world = aWorld()
  const process = await world.start({ bot: older })
  for (const group of GROUPS)
    for (const user of users(group)) {
      await said(world, process, user, 'm1', 'hi')
      if (group === 'menu') continue
      const { prompt } = await shown(process, user)
      const content = { kind: 'choice', instance: prompt?.instance ?? '', option: group } as const
      await sent(world, process, user, 'm2', content)
      await said(world, process, user, 'm3', 'red')
      assert.equal((await shown(process, user)).step, 'two')
    }
  await world.settle()
  return { world, process }
}

function said(world: World, process: Process, user: string, id: string, words: string) {
  return sent(world, process, user, id, { kind: 'text', text: words })
}

function sent(
  { clock }: World,
  process: Process,
  user: string,
  id: string,
  content: Content
): Promise<Receipt> {
  return until(clock, process.chat(user).receive({ id, content }))
}

async function shown(process: Process, user: string): Promise<Inspection> {
  return (await process.chat(user).inspect()) ?? assert.fail(`nothing is stored of ${user}`)
}
