import assert from 'node:assert/strict'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { seededRandom } from '../../../lib/kernel/random.ts'
import {
  checkOpening,
  DAMAGES,
  damaged,
  type LmdbImage,
  lmdbImage,
  openingOf,
  PAGE_BYTES,
  versionsBefore
} from '../../support/lmdb-image.ts'

const PER_KIND = 3

describe('a data file of the embedded store', () => {
  let image: LmdbImage
  before(async () => {
    image = await lmdbImage(40)
  })

  const pagesThatDiffer = (): readonly number[] =>
    Array.from({ length: Math.floor(image.newest.length / PAGE_BYTES) }, (_, page) => page).filter(
      page => !pageOf(image.newest, page).equals(pageOf(image.before, page))
    )
  for (const kind of DAMAGES) {
    it(`is refused or whole, and the process lives on, when it is damaged: ${kind}`, async () => {
      for (let seed = 1; seed <= PER_KIND; seed += 1) {
        const bytes = damaged(image.newest, kind, seededRandom(seed))
        checkOpening(await openingOf(bytes, image.ids), bytes, image)
      }
    }).timeout(30_000)
  }

  it('opens at the commit before, and says so, when the last is damaged', async () => {
    const pages = pagesThatDiffer().filter(page => page > 1)
    assert.ok(pages.length > 0)
    const bytes = Buffer.from(image.newest)
    for (const page of pages) pageOf(image.before, page).copy(bytes, page * PAGE_BYTES)

    const opening = await openingOf(bytes, image.ids)

    assert.ok(opening.tag === 'opened', 'it was refused')
    assert.deepEqual(opening.versions, versionsBefore(image))
    assert.equal(opening.taken, image.ids.length)
    assert.match(opening.opened.warnings.join(), /last commit .* is damaged .* is lost/)
  })

  it('has the commit before, whatever part of the next reached the disk', async () => {
    const pages = pagesThatDiffer().filter(page => page > 1)
    const random = seededRandom(7)
    for (let round = 0; round < 6; round += 1) {
      const bytes = Buffer.alloc(image.newest.length)
      image.before.copy(bytes)
      for (const page of pages) {
        if (random.fraction() < 0.5) pageOf(image.newest, page).copy(bytes, page * PAGE_BYTES)
      }

      const opening = await openingOf(bytes, image.ids)

      assert.ok(opening.tag === 'opened', 'it was refused')
      assert.deepEqual(opening.versions, versionsBefore(image))
      assert.deepEqual(opening.opened.warnings, [])
    }
  }).timeout(30_000)

  it('of another format is refused by name', async () => {
    for (const [version, why] of [
      [1, /does not begin/],
      [999, /does not begin/]
    ] as const) {
      const bytes = Buffer.from(image.newest)
      bytes.writeUInt32LE(version, 28)

      const opening = await openingOf(bytes, image.ids)

      assert.ok(opening.tag === 'refused', 'it was opened')
      checkOpening(opening, bytes, image)
      assert.match(failureOf(opening.error)!.detail, why)
    }
  })
})

function pageOf(bytes: Buffer, page: number): Buffer {
  return bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
}
