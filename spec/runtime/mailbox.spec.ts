import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Mailbox } from '../../lib/runtime/mailbox.ts'

describe('a mailbox', () => {
  it('keeps the head until it is settled, and gives the rest in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), items => {
        const mailbox = new Mailbox<{ item: number }>(3)
        const boxed = items.map(item => ({ item }))
        for (const one of boxed) mailbox.push(one)

        for (const one of boxed) {
          assert.equal(mailbox.head, one)
          assert.equal(mailbox.head, one)
          assert.equal(mailbox.settle(one), true)
        }
        assert.equal(mailbox.length, 0)
        assert.equal(mailbox.head, undefined)
      })
    )
  })

  it('settles nothing that is not its head', () => {
    const mailbox = new Mailbox<object>(3)
    const [one, two] = [{}, {}]
    mailbox.push(one)
    mailbox.push(two)

    assert.equal(mailbox.settle(two), false)
    assert.equal(mailbox.settle({}), false)
    assert.equal(mailbox.settle(one), true)
    assert.equal(mailbox.settle(one), false)
    assert.equal(mailbox.length, 1)
  })

  it('is full at its bound, and gives all back when it is drained', () => {
    const mailbox = new Mailbox<number>(2)
    mailbox.push(1)
    assert.equal(mailbox.isFull, false)
    mailbox.push(2)
    assert.equal(mailbox.isFull, true)

    assert.deepEqual(mailbox.drain(), [1, 2])
    assert.equal(mailbox.isFull, false)
    assert.deepEqual(mailbox.drain(), [])
  })

  it('lets some overtake, behind the head and in their own order', () => {
    const mailbox = new Mailbox<string>(2)
    for (const item of ['a', 'b', 'c']) mailbox.push(item)
    mailbox.overtake('x')
    mailbox.overtake('y')
    assert.ok(mailbox.settle('a'))
    mailbox.overtake('z')

    const order = mailbox.drain()
    assert.deepEqual(order, ['x', 'y', 'z', 'b', 'c'])
    mailbox.overtake('alone')
    mailbox.overtake('next')
    assert.deepEqual(mailbox.drain(), ['alone', 'next'])
  })
})
