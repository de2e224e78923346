import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { BOUNDS } from '../../../../lib/store/conversation-store.ts'
import { script, withBounds } from '../../../../lib/store/redis/scripts/script.ts'

const FOLDER = new URL('../../../../lib/store/redis/scripts/', import.meta.url)
const files = readdirSync(FOLDER).filter(name => name.endsWith('.lua'))
const written = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8')

describe('a Lua script', () => {
  it('is sent with the bounds of the store in the places of their names', () => {
    const { lua } = script('commit', 'window', 'history')

    assert.match(lua, new RegExp(`- through > ${BOUNDS.undeliveredRows} then`))
    assert.match(lua, new RegExp(`'LTRIM', KEYS\\[5\\], -${BOUNDS.parkedRows}, -1`))
    assert.match(lua, new RegExp(`rows <= ${BOUNDS.historyRowsMost} then`))
    assert.match(lua, new RegExp(`now - ${BOUNDS.dedupeSeconds}\\n`))
  })

  it('is refused when it names what is no bound', () => {
    assert.throws(() => withBounds('return $inboxRow'), /\$inboxRow is no bound/)
    assert.throws(() => withBounds('return $toString'), /\$toString is no bound/)
  })

  for (const name of files) {
    it(`has every name filled in: ${name}`, () => {
      assert.doesNotMatch(withBounds(written(name)), /\$\w/)
    })

    it(`writes no bound as a number: ${name}`, () => {
      const bounds = new Set<number>(Object.values(BOUNDS))
      const numbers = [...codeOf(written(name)).matchAll(/(?<![\w.])\d+(?![\w.])/g)].map(Number)

      assert.deepEqual(
        numbers.filter(number => bounds.has(number) || number > PLACE_MOST),
        []
      )
    })
  }
})

/** Places in entries, fields and arguments are numbers too, the largest of them 18. */
const PLACE_MOST = 31

/** What the server runs: no comments, texts or places, nothing that turns a unit into another. */
function codeOf(lua: string): string {
  return lua
    .replace(/--.*$/gm, '')
    .replace(/'[^'\n]*'/g, "''")
    .replace(/\b(KEYS|ARGV)\[\d+\]/g, '$1')
    .replace(/[*/%] (256|1000|65536)\b/g, '')
}
