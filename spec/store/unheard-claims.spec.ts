import assert from 'node:assert/strict'
import { UnheardClaims } from '../../lib/store/unheard-claims.ts'

const of = (...ids: string[]) => ({
  asked: [] as number[],
  claim(room: number): Promise<readonly string[]> {
    this.asked.push(room)
    return Promise.resolve(ids)
  }
})

describe('claims that were not heard of', () => {
  it('are handed out by the next one, before what is due', async () => {
    const unheard = new UnheardClaims()
    unheard.keep(['a', 'b'])
    const store = of('c')

    const first = await unheard.claimed(5, room => store.claim(room))
    const second = await unheard.claimed(5, room => store.claim(room))

    assert.deepEqual([first, second], [['a', 'b', 'c'], ['c']])
    assert.deepEqual(store.asked, [3, 5])
  })

  it('are handed out once, though they were not claimed after all', async () => {
    const unheard = new UnheardClaims()
    unheard.keep(['a', 'b'])

    const ids = await unheard.claimed(5, room => of('b', 'c').claim(room))

    assert.deepEqual(ids, ['a', 'b', 'c'])
  })

  it('fill a claim by themselves, and nothing more is claimed then', async () => {
    const unheard = new UnheardClaims()
    unheard.keep(['a', 'b', 'c'])
    const store = of('d')

    const first = await unheard.claimed(2, room => store.claim(room))
    const second = await unheard.claimed(2, room => store.claim(room))

    assert.deepEqual([first, second, store.asked], [['a', 'b'], ['c', 'd'], [1]])
  })

  it('wait for the next one when that fails', async () => {
    const unheard = new UnheardClaims()
    unheard.keep(['a'])

    await assert.rejects(unheard.claimed(2, () => Promise.reject(new Error('down'))))

    assert.deepEqual(await unheard.claimed(2, room => of().claim(room)), ['a'])
  })
})
