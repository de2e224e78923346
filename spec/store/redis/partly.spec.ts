import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../../lib/kernel/failure.ts'
import { Partly } from '../../../lib/store/redis/partly.ts'

const away = async (why: string): Promise<never> => {
  throw new ChaperoneError(failure('CHP_STORE_REFUSED', why))
}
const there = async (value: number): Promise<number> => value

function logged() {
  const lines: string[] = []
  const line = (fields: object): void => {
    lines.push(JSON.stringify(fields))
  }
  const log = { debug: line, info: line, warn: line, error: line }
  return { lines, partly: new Partly(log) }
}

describe('what succeeds in part', () => {
  it('goes on with what succeeded', async () => {
    const { partly } = logged()

    assert.deepEqual(await partly.all([there(1), away('a'), there(3)]), [1, 3])
    assert.deepEqual(await partly.some([away('a'), there(3)]), [3])
    assert.deepEqual(await partly.all([]), [])
  })

  it('fails with the first failure when everything failed', async () => {
    const { partly } = logged()

    await assert.rejects(partly.all([away('a'), away('b')]), /a/)
    await assert.rejects(partly.some([away('b')]), /b/)
  })

  it('says once what is missing, and when nothing is any more', async () => {
    const { partly, lines } = logged()
    for (let again = 0; again < 3; again += 1) {
      await partly.all([there(1), away('a'), away('a'), away('b')])
    }
    await partly.all([there(1)])
    await partly.all([there(1)])

    assert.deepEqual(
      lines.map(line => JSON.parse(line) as unknown),
      [
        { event: 'store.partly', code: 'CHP_STORE_REFUSED', why: 'a', partitions: 2 },
        { event: 'store.partly', code: 'CHP_STORE_REFUSED', why: 'b', partitions: 1 },
        { event: 'store.whole' }
      ]
    )
  })

  it('hides no bug', async () => {
    const { partly } = logged()
    const broken = async (): Promise<never> => {
      throw new TypeError('a bug')
    }

    await assert.rejects(partly.all([there(1), broken()]), TypeError)
  })
})
