import { parseArgs } from 'node:util'
import { median } from './closed-loop.ts'
import { type EmbeddedRound, throughLibrary, throughStore } from './embedded.ts'
import { writeResults } from './report.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    'in-flight': { type: 'string', default: '1,64,256' },
    results: { type: 'string', default: 'bench/results' }
  }
})

interface Pair {
  readonly inFlight: number
  readonly store: EmbeddedRound
  readonly library: EmbeddedRound
}

const pairs: Pair[] = []
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const inFlight of values['in-flight'].split(',').map(Number)) {
    const load = {
      inFlight,
      conversations: Math.max(256, inFlight),
      seconds: Number(values.seconds)
    }
    const isForth = round % 2 === 0
    const first = isForth ? await throughStore(load) : await throughLibrary(load)
    const second = isForth ? await throughLibrary(load) : await throughStore(load)
    const [store, library] = isForth ? [first, second] : [second, first]
    pairs.push({ inFlight, store, library })
  }
}
console.log('The embedded store and the library alone, medians\n')
console.log('| in flight | commits/s | library | ratio (least-most) | Node us | library |')
console.log('|---|---|---|---|---|---|')
for (const inFlight of new Set(pairs.map(pair => pair.inFlight))) {
  const own = pairs.filter(pair => pair.inFlight === inFlight)
  const middle = (of: (pair: Pair) => number, digits = 0): string =>
    median(own.map(of)).toFixed(digits)
  const ratios = own.map(({ store, library }) => store.perSecond / library.perSecond)
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  const cells = [
    inFlight,
    middle(({ store }) => store.perSecond),
    middle(({ library }) => library.perSecond),
    `${median(ratios).toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`,
    middle(({ store }) => store.nodeUs, 1),
    middle(({ library }) => library.nodeUs, 1)
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
console.log(`\nWritten to ${writeResults(values.results, '-embedded', { pairs })}`)
