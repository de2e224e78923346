import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  call,
  confirm,
  defineBot,
  defineCall,
  defineFlow,
  end,
  goto,
  rest,
  say,
  tell,
  text
} from '../../lib/flow/index.ts'
import { aWorld, until } from '../support/a-world.ts'

/** A bot that asks before it pays, where what the host says comes in between, or must wait. */
async function asked(quiet: readonly 'sure'[]) {
  const keys: string[] = []
  const pay = defineCall({
    name: 'pay',
    effect: true,
    input: t.strict({}),
    outcomes: { paid: t.strict({}) },
    run: (_input, { key }) =>
      attempt(async () => {
        keys.push(key)
        return { outcome: 'paid' as const, output: {} }
      })
  })
  const home = defineFlow(
    { name: 'home', start: 'idle', quiet },
    {
      idle: rest({ next: goto('sure') }),
      sure: confirm({
        prompt: text('sure'),
        confirmed: goto('paying'),
        cancelled: goto('idle'),
        invalid: text('sure')
      }),
      thanks: say({ text: text('paid'), next: goto('idle') }),
      paying: call({
        call: pay,
        signedBy: 'sure',
        input: () => ({}),
        outcomes: { paid: goto('thanks') },
        unreachable: () => end()
      })
    }
  )
  const news = tell({ data: t.strict({}), say: () => text('news') })
  const texts = { en: { sure: 'sure?', paid: 'paid', news: 'news' } }
  const bot = defineBot({ name: 'asking', flows: [home], start: 'home', on: { news }, texts })
  const world = aWorld()
  const process = await world.start({ bot })
  await until(world.clock, process.say('m1'))
  const told = (id: string) =>
    until(world.clock, process.chat().tell({ id, event: 'news', data: {} }))
  const prompt = async () => (await process.chat().inspect())?.prompt?.instance
  const yes = async (id: string) => {
    const content = { kind: 'choice', instance: (await prompt()) ?? '', option: 'confirm' } as const
    await until(world.clock, process.chat().receive({ id, content }))
    await world.settle()
  }
  return { world, process, keys, told, prompt, yes }
}

describe('what the host says while a member is asked to confirm', () => {
  it('leaves the question open as it was: a yes to it is still a yes, once', async () => {
    const { process, keys, told, prompt, yes } = await asked([])
    const before = await prompt()

    assert.equal((await told('t1')).tag, 'committed')

    assert.ok(before !== undefined)
    assert.equal(await prompt(), before)
    await yes('m2')
    assert.equal(keys.length, 1)
    assert.deepEqual(process.channel.texts().slice(-2), ['news', 'paid'])
  })

  it('is refused where that step is quiet, and is said when it is told again later', async () => {
    const { process, keys, told, yes } = await asked(['sure'])

    assert.deepEqual(await told('t1'), { tag: 'ignored', why: 'the step home.sure is quiet' })
    await yes('m2')
    assert.equal((await told('t1')).tag, 'committed')

    assert.equal(keys.length, 1)
    assert.deepEqual(process.channel.texts().slice(-2), ['paid', 'news'])
  })
})
