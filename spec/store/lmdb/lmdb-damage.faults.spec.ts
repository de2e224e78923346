import { seededRandom } from '../../../lib/kernel/random.ts'
import {
  checkOpening,
  DAMAGES,
  damaged,
  type LmdbImage,
  lmdbImage,
  openingOf
} from '../../support/lmdb-image.ts'

const PER_KIND = 100

describe('a data file of the embedded store, damaged again and again', () => {
  let image: LmdbImage
  before(async function () {
    this.timeout(30_000)
    image = await lmdbImage(60)
  })

  for (const kind of DAMAGES) {
    it(`is refused or whole, and the process lives on: ${kind}`, async () => {
      const tally = { refused: 0, opened: 0 }
      for (let seed = 1; seed <= PER_KIND; seed += 1) {
        const bytes = damaged(image.newest, kind, seededRandom(1000 + seed))
        const opening = await openingOf(bytes, image.ids)
        checkOpening(opening, bytes, image)
        tally[opening.tag] += 1
      }
      process.stdout.write(`      ${JSON.stringify(tally)}\n`)
    }).timeout(300_000)
  }
})
