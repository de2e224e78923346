import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { GREETINGS, ledgerBot, ledgerClient } from '../../../../examples/ledger/bot/ledger-bot.ts'
import { en } from '../../../../examples/ledger/bot/texts/en.ts'
import { checkBot } from '../../../../lib/flow/index.ts'
import { ALICE, aService } from '../service/a-service.ts'
import { aliceAtMenu, MemberTalk } from './member-talk.ts'

const bot = ledgerBot({ ledger: ledgerClient({ url: 'http://ledger.invalid' }) })

describe('the ledger bot', () => {
  it('is sound', () => {
    assert.deepEqual(checkBot(bot.spec), [])
  })

  it('begins at INIT, in a flow of the closed stage graph', () => {
    const at = { nowMs: 1, seed: 1, commit: { epoch: 'e', version: 1, nonce: 'n' } }
    const first = bot.initial({ channel: 'c', account: 'a', user: 'u' }, at)

    assert.deepEqual(bot.place(first), { stage: 'INIT', flow: 'init', step: 'none' })
    const stages = new Set(bot.spec.flows.map(({ stage }) => stage))
    assert.deepEqual([...stages].sort(), Object.keys(bot.spec.stages ?? {}).sort())
  })

  it('has no word that leads home and is an answer to a confirmation, too', () => {
    const answers = ['yes', 'y', 'true', '1', 'no', 'n', 'false', '0']

    assert.deepEqual(
      answers.filter(word => GREETINGS.includes(word)),
      []
    )
  })

  it('says everything it has words for, and has words for everything it says', () => {
    // Specs run compiled as well; the sources are where the project is.
    const folder = pathToFileURL(`${process.cwd()}/examples/ledger/bot/`)
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.startsWith('texts'))
      .map(path => readFileSync(new URL(path, folder), 'utf8'))
      .join('\n')
    // Keys that are put together: `menu.${id}`, `list.offers.${action}`, `ok.${action}`.
    const joined = /^(menu\.\w+(\.about)?|list\.offers\.\w+|ok\.(accept|decline|cancel))$/

    const unsaid = Object.keys(en).filter(key => !sources.includes(`'${key}'`) && !joined.test(key))

    assert.deepEqual(unsaid, [])
    const said = [...sources.matchAll(/\btext\('([^']+)'/g)].map(([, key = '']) => key)
    assert.ok(said.length > 40)
    assert.deepEqual(
      said.filter(key => !Object.hasOwn(en, key)),
      []
    )
  })

  it('ends a session after the idle time it was given, and says so first', async () => {
    const talk = await aliceAtMenu({ sessionTtlSeconds: 60 })
    await talk.taps('offer')
    talk.nowMs += 60_000

    const said = await talk.types('25')

    assert.equal(said.length, 2)
    assert.match(said[0] ?? '', /expired/)
    assert.match(said[1] ?? '', /balance/i)
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('tries as often as it was told', async () => {
    const talk = new MemberTalk(await aService(), ALICE, { apiAttempts: 5 })
    await talk.meets({ endpoint: 'login', kind: 'http503', times: 5 })

    await talk.types('hi')

    assert.equal(talk.parts.service.log().calls['login'], 5)
    assert.equal(talk.place, 'init.none')
  })

  it('keeps the member and shows the menu when an event is given up', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')
    await talk.types('20')
    const { core } = talk.state
    const event = {
      kind: 'Inbound',
      id: 'x',
      content: { kind: 'text', text: 'bob_store' },
      arrivedAtMs: talk.nowMs
    } as const

    const said = talk.commit(talk.program.reset(talk.state, event, talk.at()), event)

    assert.match(said[0] ?? '', /sorry/i)
    assert.match(said[1] ?? '', /balance/i)
    assert.equal(talk.state.core, core)
    assert.deepEqual([talk.place, talk.data], ['menu.dashboard', {}])
  })
})

describe('a fault', () => {
  /** Alice at her dashboard, and a way to have a step fail so many times from now on. */
  const fragile = async () => {
    const broken = { step: '', times: 0 }
    const fault = (step: string): void => {
      if (step !== broken.step || broken.times === 0) return
      broken.times -= 1
      throw new Error(`fault at ${step}`)
    }
    const talk = await aliceAtMenu({ fault })
    const fails = (step: string, times = 1): unknown => Object.assign(broken, { step, times })
    return { talk, fails }
  }

  it('at the step that is answered is thrown, as often as it lasts', async () => {
    const { talk, fails } = await fragile()
    fails('dashboard', 2)

    await assert.rejects(talk.taps('offer'), /fault at dashboard/)
    await assert.rejects(talk.taps('offer'), /fault at dashboard/)
    await talk.taps('offer')

    assert.equal(talk.place, 'offer.amount')
  })

  for (const [step, place] of [
    ['handle', 'offer.amount'],
    ['amount', 'offer.amount']
  ] as const)
    it(`at ${step} leaves the conversation at ${place} when an amount is typed`, async () => {
      const { talk, fails } = await fragile()
      await talk.taps('offer')
      fails(step)

      await assert.rejects(talk.types('20'), new RegExp(`fault at ${step}`))

      assert.equal(talk.place, place)
      await talk.types('20')
      assert.equal(talk.place, 'offer.handle')
    })

  it('at a step that calls is thrown before the call is begun', async () => {
    const { talk, fails } = await fragile()
    await talk.taps('offer')
    await talk.types('20')
    fails('resolve')

    await assert.rejects(talk.types('bob_store'), /fault at resolve/)

    assert.equal(talk.place, 'offer.handle')
    assert.equal(talk.parts.service.log().calls['resolveHandle'] ?? 0, 0)
  })

  it('at a confirmation is thrown when it is answered, and nothing is signed', async () => {
    const { talk, fails } = await fragile()
    await talk.taps('offer')
    await talk.types('20')
    await talk.types('bob_store')
    fails('confirm')

    await assert.rejects(talk.types('yes'), /fault at confirm/)

    assert.equal(talk.place, 'offer.confirm')
    assert.equal(talk.parts.service.log().calls['createOffer'] ?? 0, 0)
  })

  it('elsewhere is not noticed', async () => {
    const { talk, fails } = await fragile()
    fails('confirmUpgrade')

    await talk.taps('offer')
    await talk.types('20')

    assert.equal(talk.place, 'offer.handle')
  })
})
