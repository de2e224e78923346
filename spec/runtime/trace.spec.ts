import assert from 'node:assert/strict'
import { Listeners } from '../../lib/runtime/trace.ts'
import { turns } from '../support/a-world.ts'

describe('listeners', () => {
  it('hear the events of their name until they are removed', () => {
    const listeners = new Listeners(() => assert.fail('nothing throws'))
    const heard: string[] = []
    const off = listeners.on('rollback', ({ conversation }) => heard.push(`one ${conversation}`))
    listeners.on('rollback', ({ conversation }) => heard.push(`two ${conversation}`))

    listeners.emit('rollback', { conversation: 'a' })
    off()
    off()
    listeners.emit('rollback', { conversation: 'b' })
    listeners.emit('alarm', { conversation: null, failure: { tag: 'Gone' } as never })

    assert.deepEqual(heard, ['one a', 'two a', 'two b'])
  })

  it('that throw or reject are reported and keep no other from hearing', async () => {
    const reported: string[] = []
    const listeners = new Listeners(error => reported.push((error as Error).message))
    let heard = 0
    listeners.on('rollback', () => {
      throw new Error('throws')
    })
    listeners.on('rollback', () => Promise.reject(new Error('rejects')))
    listeners.on('rollback', () => {
      heard += 1
    })

    listeners.emit('rollback', { conversation: 'a' })
    await turns(1)

    assert.deepEqual(reported, ['throws', 'rejects'])
    assert.equal(heard, 1)
  })
})
