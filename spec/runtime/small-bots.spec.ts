import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Content } from '../../lib/conversation/content.ts'
import {
  accept,
  ask,
  type BotSpec,
  type Core,
  checkBot,
  choose,
  confirm,
  defineBot,
  defineFlow,
  end,
  enter,
  goto,
  handover,
  say,
  text
} from '../../lib/flow/index.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'

type Plain = Core<never, never>
const options = (...ids: readonly string[]) => ids.map(id => ({ id, label: text(id) }))

const size = defineFlow(
  { name: 'size', returns: t.string, start: 'pick' },
  {
    pick: choose({
      prompt: text('size'),
      options: () => options('small', 'large'),
      next: chosen => end(null, chosen),
      invalid: text('bad')
    })
  }
)
const order = defineFlow(
  { name: 'order', data: t.partial({ size: t.string, name: t.string }), start: 'name' },
  {
    name: ask({
      fields: ['name'],
      prompt: text('name'),
      read: name => accept({ name }),
      next: goto('size')
    }),
    size: enter({ flow: size, returned: chosen => goto('sure', { size: chosen }) }),
    sure: confirm({
      prompt: ({ data }) => text('sure', { name: data.name ?? '', size: data.size ?? '' }),
      confirmed: end(text('done')),
      cancelled: end(),
      invalid: text('bad')
    })
  }
)
const person = defineFlow(
  { name: 'person', start: 'person' },
  { person: handover({ text: text('person'), withinSeconds: 600, next: end(), late: end() }) }
)
const menu = defineFlow(
  { name: 'menu', start: 'pick' },
  {
    pick: choose({
      prompt: text('menu'),
      options: () => options('order', 'language', 'person'),
      next: (chosen, { core }) => {
        if (chosen === 'language') return [core.useLocale('fr'), goto('pick')]
        return goto({ flow: chosen === 'order' ? 'order' : 'person' })
      },
      invalid: text('bad')
    })
  }
)
const en = {
  menu: 'What?',
  order: 'Order',
  language: 'Français',
  person: 'A person',
  name: 'Your name?',
  size: 'Which size?',
  small: 'Small',
  large: 'Large',
  sure: '{size} for {name}?',
  done: 'Ordered.',
  bad: 'Please choose.',
  help: 'Just answer.',
  again: 'Time is up.'
}
const fr = { ...en, menu: 'Quoi ?', order: 'Commander', name: 'Votre nom ?', help: 'Répondez.' }
const own = [
  'reset',
  'stale',
  'textOnly',
  'working',
  'unresolved',
  'held',
  'retired',
  'confirm',
  'cancel'
]
const ownTexts = Object.fromEntries([...own, 'options', 'expired'].map(key => [`bot.${key}`, key]))
const spec: BotSpec<Plain> = {
  name: 'small bots',
  flows: [menu, order, size, person] as unknown as BotSpec<Plain>['flows'],
  start: 'menu',
  commands: {
    help: { words: ['help', 'aide'], do: say(text('help')) },
    home: { words: ['home'], do: 'menu' }
  },
  session: { idleSeconds: 300, notice: 'again' },
  texts: { en: { ...en, ...ownTexts }, fr: { ...fr, ...ownTexts } }
}

describe('small bots', () => {
  it('take the value of a sub-flow on', async () => {
    const talk = await begun()
    for (const said of ['hi', '>order', 'Ada', '>large']) await talk.say(said)

    assert.deepEqual(talk.texts().slice(-3), ['Your name?', 'buttons', 'buttons'])
    const { step, data } = await talk.shown()
    assert.deepEqual([step, data], ['sure', { name: 'Ada', size: 'large' }])
    await talk.say('>confirm')
    assert.deepEqual(talk.texts().slice(-2), ['Ordered.', 'buttons'])
  })

  it('answer a call for help in the middle, and go on with the question that is open', async () => {
    const talk = await begun()
    for (const said of ['hi', '>order', 'Ada']) await talk.say(said)
    const { prompt, data } = await talk.shown()

    await talk.say('HELP')

    assert.deepEqual(talk.offered(), ['Just answer.', ['Small', 'Large']])
    const now = await talk.shown()
    assert.deepEqual([now.prompt, now.data, now.validation.attempts], [prompt, data, 0])
    await talk.say('>small')
    assert.equal((await talk.shown()).step, 'sure')
  })

  it('speak the language that their member chose, from the next word on', async () => {
    const talk = await begun()
    for (const said of ['hi', '>language', '>order', 'aide']) await talk.say(said)

    assert.deepEqual(talk.texts().slice(-2), ['Votre nom ?', 'Répondez.'])
    assert.deepEqual((await talk.shown()).data, {})
  })

  it('hand over and come back, silent between, and nothing that was said is lost', async () => {
    const talk = await begun()
    for (const said of ['hi', '>person']) await talk.say(said)
    const before = talk.texts().length

    for (const said of ['hello?', 'help', 'home']) await talk.say(said)

    assert.equal(talk.texts().length, before)
    assert.equal((await talk.shown()).waiting, 3)
    await talk.resumed()
    assert.equal(talk.texts().length, before + 1)
    const { waiting, flow } = await talk.shown()
    assert.deepEqual([waiting, flow], [0, 'menu'])
    assert.deepEqual(talk.world.landed.at(-1)?.causes, ['m2', 'm3', 'm4'])
  })

  it('are refused when a locale lacks a key, by flow, step and locale', () => {
    const words = Object.entries({ ...fr, ...ownTexts })
    const french = Object.fromEntries(words.filter(([key]) => key !== 'sure'))

    const found = checkBot({ ...spec, texts: { en: spec.texts['en'] ?? {}, fr: french } })

    assert.deepEqual(
      found.map(({ kind, flow, step, says }) => [kind, flow, step, says]),
      [
        ['text', 'order', 'sure', 'the text "sure" is missing in fr'],
        ['text', null, null, 'the text "sure" is in en but missing in fr']
      ]
    )
  })

  for (const [what, ends] of [
    ['an expiry', (talk: Talk) => talk.world.pass(330_000)],
    ['a command', (talk: Talk) => talk.say('home')],
    ['an end', (talk: Talk) => talk.say('>cancel')]
  ] as const)
    it(`leave no timer, reply or waiting row of a dialogue behind after ${what}`, async () => {
      const talk = await begun()
      for (const said of ['hi', '>order', 'Ada', '>large']) await talk.say(said)

      await ends(talk)
      await talk.world.pass(2_000)

      const { flow, data, waiting, undelivered } = await talk.shown()
      assert.deepEqual([flow, data, waiting, undelivered], ['menu', {}, 0, []])
      const stored = await talk.world.model.load(talk.process.chat().id)
      const isOver = what === 'an expiry'
      assert.deepEqual([stored.inbox, stored.undelivered, stored.calls], [[], [], []])
      assert.equal(stored.dueMs === null, isOver)
      await talk.world.pass(330_000)
      assert.equal((await talk.world.model.load(talk.process.chat().id)).dueMs, null)
    })
})

interface Talk {
  readonly world: World
  readonly process: Process
  /** Says a text, or with `>` taps an option of the open prompt. */
  say(words: string): Promise<void>
  resumed(): Promise<void>
  shown(): Promise<Inspection>
  texts(): readonly string[]
  /** Text and labels of the last reply. */
  offered(): readonly unknown[]
}

async function begun(): Promise<Talk> {
  const world = aWorld()
  const process = await world.start({ bot: defineBot(spec) })
  let said = 0
  const shown = async (): Promise<Inspection> =>
    (await process.chat().inspect()) ?? assert.fail('nothing is stored')
  return {
    world,
    process,
    shown,
    say: async words => {
      const content: Content = words.startsWith('>')
        ? {
            kind: 'choice',
            instance: (await shown()).prompt?.instance ?? '',
            option: words.slice(1)
          }
        : { kind: 'text', text: words }
      await until(world.clock, process.chat().receive({ id: `m${said}`, content }))
      said += 1
      await world.pass(50)
    },
    resumed: async () => {
      const request = { by: 'eve', reason: 'done' }
      await until(world.clock, operatorOf(process.runtime).resume(process.chat().id, request))
      await world.pass(1_000)
    },
    texts: () => process.channel.texts(),
    offered: () => {
      const reply = process.turns.at(-1)?.replies.at(-1)
      assert.ok(reply?.kind === 'buttons')
      return [reply.text, reply.options.map(({ label }) => label)]
    }
  }
}
