import assert from 'node:assert/strict'
import { askedFor } from './asked-for.ts'

describe('what make sim is asked', () => {
  it('is a seed to replay, or so many seeds from one on, 1,000 without a word', () => {
    const replay = askedFor(['--seeds', '', '--seed', '7', '--without', 'crash,pause'])
    const search = askedFor(['--seeds', '50', '--seed', '7', '--drop', '1,2'])
    const plain = askedFor(['--seeds', '', '--seed', ''])

    assert.ok(typeof replay === 'object' && typeof search === 'object' && typeof plain === 'object')
    assert.deepEqual([replay.seed, replay.seeds], [7, null])
    assert.deepEqual(replay.options.without, ['crash', 'pause'])
    assert.deepEqual([search.seed, search.seeds], [7, 50])
    assert.deepEqual([...(search.options.drop ?? [])], [1, 2])
    assert.equal(plain.seeds, 1_000)
  })

  for (const [args, why] of [
    [['--sed', '7'], /no option --sed/],
    [['--seed', 'x'], /--seed x is no number/],
    [['--seeds', '9999999'], /from 1 to 1000000/],
    [['--seeds', '0'], /from 1 to 1000000/],
    [['--seeds', '5', '--log', 'log'], /--log keeps the life of one --seed/],
    [['--without', 'crash,rain'], /no fault "rain"; there are requestLost/],
    [['--drop', '-1'], /--drop -1 is no place/]
  ] as const)
    it(`is refused in one line: ${args.join(' ')}`, () => {
      const asked = askedFor(args)

      assert.ok(typeof asked === 'string')
      assert.match(asked, why)
      assert.ok(!asked.includes('\n'))
    })
})
