import assert from 'node:assert/strict'
import { ledgerBot, ledgerClient } from '../../../../examples/ledger/bot/ledger-bot.ts'
import type { Program } from '../../../../lib/conversation/program.ts'
import { aWorld, type Process, until } from '../../../support/a-world.ts'
import { ALICE, aService } from '../service/a-service.ts'
import { transportTo } from './member-talk.ts'

/** Alice at the question of how much, on the real runtime with a ledger of its own. */
async function aliceAsked() {
  const world = aWorld()
  const parts = await aService()
  const ledger = ledgerClient({ url: 'http://ledger.invalid', fetch: transportTo(parts.service) })
  const process = await world.start({ bot: ledgerBot({ ledger }) as unknown as Program })
  let said = 0
  const says = async (text: string): Promise<void> => {
    said += 1
    await until(world.clock, process.say(`m${said}`, text, ALICE))
    await world.settle()
  }
  const taps = async (option: string): Promise<void> => {
    const chat = process.chat(ALICE)
    const instance = (await chat.inspect())?.prompt?.instance ?? ''
    await chat.receive({ id: `t${instance}`, content: { kind: 'choice', instance, option } })
    await world.settle()
  }
  const meets = (endpoint: string, kind: string, times: number) =>
    parts.service.control({ faults: [{ endpoint, kind, times }] })
  await says('hi')
  await taps('offer')
  return { world, process, says, meets }
}

const seenOf = async (process: Process) => {
  const seen = (await process.chat(ALICE).inspect()) ?? assert.fail('nothing is stored')
  const { token } = seen.core as { token: { value: string; refreshes: number } }
  return { ...seen, token }
}

/** What the history says of the calls that settled, oldest first. */
async function settledCalls({ world, process }: Awaited<ReturnType<typeof aliceAsked>>) {
  const rows = await world.model.history(process.chat(ALICE).id, { limit: 50 } as never)
  const read = JSON.stringify(rows)
  const notes = [...read.matchAll(/\{\\"kind\\":\\"callSettled\\".*?\}/g)].map(
    ([note]) => JSON.parse(note.replaceAll('\\"', '"')) as { name: string; attempts: number }
  )
  return notes.toReversed()
}

describe('what is kept of a member', () => {
  it('counts refused input and names the last refusal, without a word of theirs', async () => {
    const { process, says } = await aliceAsked()
    assert.deepEqual((await seenOf(process)).validation, { attempts: 0, error: null })

    await says('all my secret money')
    await says('7 EUR')

    const seen = await seenOf(process)
    assert.deepEqual(seen.validation, { attempts: 2, error: 'err.amount.denom' })
    assert.doesNotMatch(JSON.stringify(seen), /secret|EUR/)
  })

  it('counts how often the token was renewed, and shows none', async () => {
    const { process, says, meets } = await aliceAsked()
    assert.equal((await seenOf(process)).token.refreshes, 0)
    await says('10')
    await meets('resolveHandle', 'http401', 1)
    await says('bob_store')
    await meets('createOffer', 'http401', 1)
    await says('yes')

    const { token } = await seenOf(process)
    assert.equal(token.refreshes, 2)
    assert.equal(token.value, '[redacted]')
    await says('hi')
    assert.equal((await seenOf(process)).token.refreshes, 0)
  })

  it('tells of each call how often it was tried, and if its token was renewed', async () => {
    const alice = await aliceAsked()
    await alice.says('10')
    await alice.meets('resolveHandle', 'http503', 2)
    await alice.says('bob_store')
    await alice.meets('createOffer', 'http401', 1)
    await alice.says('yes')

    const notes = await settledCalls(alice)
    assert.deepEqual(
      notes.map(({ name, attempts, ...more }) => [name, attempts, more['renewed' as never]]),
      [
        ['login', 1, false],
        ['resolveHandle', 3, false],
        ['createOffer', 1, true]
      ]
    )
  })
})
