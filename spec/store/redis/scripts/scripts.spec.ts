import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../../../lib/store/redis/scripts/', import.meta.url)

describe('the Lua scripts', () => {
  const names = readdirSync(FOLDER).filter(name => /^[a-z-]+\.lua$/.test(name))

  it('are all there', () => {
    assert.ok(names.includes('commit.lua'))
    assert.ok(names.length >= 10)
  })

  for (const name of names) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    const [first = '', ...rest] = text.split('\n')
    const header = rest.slice(
      0,
      rest.findIndex(line => !line.startsWith('--'))
    )
    const body = rest.slice(header.length).join('\n')

    describe(name, () => {
      it('says what it may do, so that the server checks memory and role first', () => {
        assert.match(first, /^#!lua( flags=(no-writes|allow-oom))?$/)
      })

      it('writes only when it says so', () => {
        const writes = /call\('(HSET|HDEL|RPUSH|LTRIM|LSET|ZADD|ZREM|DEL|PERSIST|PEXPIRE)'/.test(
          body
        )

        assert.equal(first.includes('no-writes'), !writes)
      })

      it('explains its replies, and every key it uses', () => {
        const keys = [...body.matchAll(/KEYS\[(\d)\]/g)].map(match => Number(match[1]))

        assert.ok(header.some(line => line.startsWith('-- Reply ')))
        for (const key of keys) {
          assert.ok(
            header.some(line =>
              new RegExp(`^--  +(KEYS +)?.*\\b${key}\\b|^-- KEYS.*\\b${key}\\b`).test(line)
            ),
            `KEYS[${key}]`
          )
        }
      })

      it('explains every argument it uses', () => {
        const used = new Set([...body.matchAll(/ARGV\[(\d+)\]/g)].map(match => match[1]!))

        for (const argument of used) {
          assert.ok(header.join('\n').match(new RegExp(`\\b${argument}\\b`)), `ARGV[${argument}]`)
        }
      })

      it('decodes no value and looks for no key', () => {
        assert.doesNotMatch(body, /cjson|cmsgpack|'KEYS'|'SCAN'/)
      })

      it('stays within 100 columns', () => {
        assert.deepEqual(
          text.split('\n').filter(line => line.length > 100),
          []
        )
      })
    })
  }
})
