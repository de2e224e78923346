import assert from 'node:assert/strict'
import { SERIES_MOST, Series } from '../../../lib/runtime/metrics/series.ts'

/** Series whose children are counted by their labels. */
function counting(labels: readonly string[]) {
  const made: string[] = []
  const counts = new Map<string, number>()
  const thrown: unknown[] = []
  const series = new Series(
    (...values) => {
      const name = values.join(' ')
      made.push(name)
      return amount => counts.set(name, (counts.get(name) ?? 0) + amount)
    },
    labels,
    error => thrown.push(error)
  )
  return { series, made, counts, thrown }
}

describe('the series of a metric', () => {
  it('are made once, with as many values as there are labels', () => {
    const { series, made, counts } = counting(['a', 'b'])

    series.add(1, 'x', 'y')
    series.add(2, 'x', 'y')
    series.add(1, 'x', 'z')

    assert.deepEqual(made, ['x y', 'x z'])
    assert.deepEqual([...counts.values()], [3, 1])
  })

  it('are one where there are no labels', () => {
    const { series, made } = counting([])

    series.add(1)
    series.add(1)

    assert.deepEqual(made, [''])
  })

  it('are bounded: what is new beyond it is counted as other, and what was there goes on', () => {
    const { series, made, counts } = counting(['a', 'b'])

    for (let nth = 0; nth < 3 * SERIES_MOST; nth += 1) series.add(1, 'x', String(nth))
    series.add(1, 'x', '0')

    assert.equal(made.length, SERIES_MOST + 1)
    assert.equal(counts.get('other other'), 2 * SERIES_MOST)
    assert.equal(counts.get('x 0'), 2)
  })

  it('throw nothing: what cannot be counted is handed on', () => {
    const { thrown } = counting(['a'])
    const broken = new Series(
      () => assert.fail('planned'),
      ['a'],
      error => thrown.push(error)
    )

    broken.add(1, 'x')

    assert.match(String(thrown[0]), /planned/)
  })
})
