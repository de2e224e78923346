import assert from 'node:assert/strict'
import type { Program } from '../../lib/conversation/program.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { keyRing } from '../../lib/store/seal.ts'
import type { StoreCall } from '../../lib/testing/faulty-store.ts'
import { aCall } from '../support/a-call.ts'
import { ADDRESS, aWorld, turns, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const bug = (): never => {
  throw new TypeError('a bug, and the words of a member: 4111')
}

/** One function of a bot, as it is. */
function partOf(bot: Program, part: 'place' | 'invalid' | 'decide' | 'reset' | 'record') {
  return (...args: never[]): unknown =>
    (bot[part] as unknown as (...given: never[]) => unknown)(...args)
}

/** Makes a call of the store throw, at once or later, `times` times. */
function buggy({ model }: World, call: StoreCall, how: 'throws' | 'rejects', times: number): void {
  let left = times
  const right = model[call]!.bind(model) as (...args: readonly unknown[]) => unknown
  const wrong = (...args: readonly unknown[]): unknown => {
    left -= 1
    if (left < 0) return right(...args)
    return how === 'throws' ? bug() : Promise.reject(new TypeError('a bug: 4111'))
  }
  Object.assign(model, { [call]: wrong })
}

describe('a throw that nobody foresaw', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  before(() => process.on('unhandledRejection', note))
  after(() => process.off('unhandledRejection', note))
  afterEach(async () => {
    await turns(5)
    assert.deepEqual(unhandled, [])
  })

  const calls = [
    'load',
    'commit',
    'defer',
    'acknowledged',
    'settleDue',
    'claimDue',
    'time'
  ] as const
  for (const call of calls)
    for (const how of ['throws', 'rejects'] as const)
      it(`in ${call} of a store, that ${how}, ends in receipts, and the next works`, async () => {
        const world = aWorld()
        const pay = aCall('pay')
        const one = await world.start({ bot: chainProgram({ calls: { pay: pay.definition } }) })
        buggy(world, call, how, 3)

        const receipts = ['m0', 'm1', 'm2', 'm3'].map((id, index) =>
          one.say(id, index === 1 ? 'call pay' : 'remind 500')
        )
        await world.pass(3_000)
        pay.answer({ outcome: 'ok', output: { n: 1 } })
        await world.pass(30_000)

        for (const receipt of await Promise.all(receipts)) assert.ok(receipt.tag.length > 0)
        const last = one.say('m9')
        await world.settle()
        assert.equal((await last).tag, 'committed')
        assert.equal(
          one.log.some(line => line.includes('4111')),
          false
        )
        assert.deepEqual(one.runtime.activity(), {
          events: 0,
          calls: 0,
          sends: 0,
          acknowledgements: 0
        })
      })

  const parts = ['place', 'invalid', 'record', 'decide', 'reset'] as const
  for (const part of parts)
    it(`in ${part} of a bot ends in receipts, and others go on`, async () => {
      const world = aWorld()
      const good = chainProgram()
      let isIll = true
      const ill = <F extends (...args: never[]) => unknown>(right: F): F =>
        ((...args: never[]) => (isIll ? bug() : right(...args))) as F
      const record = Object.create(good.record, {
        is: { value: ill(value => good.record.is(value)) }
      }) as Program['record']
      const broken = { decide: ill(partOf(good, 'decide')), [part]: ill(partOf(good, part)) }
      const bot = { ...good, ...(part === 'record' ? { record } : broken) } as Program
      const one = await world.start({ bot })

      const receipts = [one.say('m0'), one.say('m1')]
      await world.settle()
      for (const receipt of await Promise.all(receipts)) assert.notEqual(receipt.tag, 'committed')
      isIll = false
      const last = one.say('m2')
      await world.settle()

      // A reset that fails holds the conversation: what comes next waits behind it.
      assert.equal((await last).tag, part === 'reset' ? 'deferred' : 'committed')
      assert.equal(
        one.log.some(line => line.includes('4111')),
        false
      )
    })

  it('in a channel’s look at every reply holds the conversation, and loses nothing', async () => {
    const world = aWorld()
    const one = await world.start()
    one.channel.unfit = bug
    const first = one.say('m0')
    await world.settle()
    assert.equal((await first).tag, 'deferred')
    one.channel.unfit = () => null
    const by = { by: 'eve', reason: 'mended' }
    await until(world.clock, operatorOf(one.runtime).resume(one.chat().id, by))
    await world.settle()

    const last = one.say('m1')
    await world.settle()

    assert.equal((await last).tag, 'committed')
    assert.deepEqual(one.channel.texts(), ['1 m0', '2 m1'])
  })

  it('in the sealing of a row ends in a receipt', async () => {
    const world = aWorld()
    const ring = keyRing({ active: 'k', keys: { k: new Uint8Array(32) } })
    let isIll = false
    const keys = {
      ...ring,
      seal: (...args: Parameters<typeof ring.seal>) => (isIll ? bug() : ring.seal(...args))
    }
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ keys, bot })
    await one.say('m0', 'call pay')
    isIll = true
    const waiting = one.say('m1')
    await world.pass(1_000)
    assert.equal((await waiting).tag, 'shed')
    isIll = false

    pay.answer({ outcome: 'ok', output: { n: 1 } })
    await world.settle()

    assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['m0', 'settled m0']))
  })

  it('in an address that is none reaches the channel as a rejection, not as a crash', async () => {
    const world = aWorld()
    const one = await world.start()
    const address = { ...ADDRESS, user: undefined } as never

    await assert.rejects(
      async () => one.host.receive({ address, id: 'm0', content: { kind: 'text', text: 'x' } }),
      TypeError
    )
    assert.equal((await one.say('m1')).tag, 'committed')
  })
})
