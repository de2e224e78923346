import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { botOf } from '../../../../examples/ledger/transcript/bot-of.ts'
import { linesOf, playFile } from '../../../../examples/ledger/transcript/play-folder.ts'
import type { StoreKind } from '../../../../examples/ledger/transcript/store-home.ts'

/** Our own cases, and those that stand beside the checkout or where `TRANSCRIPTS` says. */
const folders = [
  'examples/ledger/transcript/cases',
  process.env['TRANSCRIPTS'] ?? '../shared/transcripts'
]

/** One spec a case; a case that does not hold fails with its misses. */
export function playsEveryCase(store: string, kind: () => StoreKind): void {
  const files = folders.filter(existsSync).flatMap(folder =>
    readdirSync(folder)
      .filter(name => name.endsWith('.json'))
      .map(name => join(folder, name))
  )
  it('there are cases', () => {
    assert.ok(files.length > 0)
  })
  for (const file of files)
    it(basename(file, '.json'), async () => {
      const stages = new Map([[store, { store: kind(), bot: botOf }]])
      for (const played of await playFile(file, stages))
        assert.deepEqual(played.misses, [], linesOf(played).join('\n'))
    })
}
