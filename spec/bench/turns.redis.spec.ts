import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { held, NAMES, type Outcome } from '../../bench/contest.ts'
import type { Load } from '../../bench/contestant.ts'
import { chaperone } from '../../bench/contestants/chaperone.ts'
import { shipped } from '../../bench/contestants/shipped.ts'
import { measured } from '../../bench/measured.ts'
import { readRecording, record, writeRecording } from '../../bench/recording.ts'
import { countingIn, tableOf, verifiedIn, writeResults } from '../../bench/report.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const LOAD: Load = { inFlight: 3, conversations: 6, warmTurns: 7, turns: 8 }
const CORKED: Load = { ...LOAD, inFlight: 40, conversations: 40 }

describe('the benchmark of turns', () => {
  let redis: RedisServer
  let folder: string
  before(async () => {
    redis = await startRedis()
    folder = mkdtempSync(join(tmpdir(), 'chaperone-bench-spec-'))
  })
  after(async () => {
    await redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  describe('held with little', () => {
    let outcomes: readonly Outcome[]
    const said: string[] = []
    before(async function () {
      this.timeout(60_000)
      const loads = [LOAD, CORKED]
      const contest = { url: redis.url, loads, rounds: 1, profileTo: null }
      outcomes = await held({ ...contest, say: line => said.push(line) })
    })

    it('measures Chaperone and its floors, the corked one where the store corks', () => {
      const names = outcomes.map(({ standings }) => standings.map(({ name }) => name))

      const { chaperone: ours, counted, shipped: floor, corked, opt2 } = NAMES
      assert.deepEqual(names, [
        [ours, counted, floor, opt2],
        [ours, counted, floor, corked, opt2]
      ])
    })

    it('shows rates, times and ratios that are numbers above 0', () => {
      for (const { rounds } of outcomes.flatMap(({ standings }) => standings)) {
        assert.equal(rounds.length, 1)
        for (const [name, value] of Object.entries(rounds[0] ?? {})) {
          // The server counts its time in steps that so few messages may not fill.
          if (name !== 'redisUs') assert.ok(value > 0, `${name} ${value}`)
          assert.ok(Number.isFinite(value), `${name} ${value}`)
        }
      }
      for (const { floor, standings } of outcomes) {
        const [ours] = standings
        assert.ok(ours?.ratios[floor]?.every(ratio => ratio > 0))
        assert.ok(ours?.ratios[NAMES.opt2]?.every(ratio => ratio > 0))
      }
    })

    it('reads every conversation of every contestant back', () => {
      assert.equal(verifiedIn(outcomes), 4 * 6 + 5 * 40)
    })

    it('says each round, the one that warms up too', () => {
      assert.equal(said.length, 2 * 2)
    })

    it('prints a row for each contestant at each load', () => {
      assert.equal(tableOf(outcomes).split('\n').length, 2 + 4 + 5)
    })

    it('says what counting costs, load by load', () => {
      const lines = countingIn(outcomes).split('\n')

      assert.equal(lines.length, 2)
      for (const line of lines) assert.match(line, /counted: \d+\.\d\d \(.*\) of the rate, \d/)
    })

    it('writes what it measured', () => {
      const path = writeResults(folder, '', { outcomes })

      const read = JSON.parse(readFileSync(path, 'utf8')) as { outcomes: Outcome[] }
      assert.deepEqual(read.outcomes, outcomes)
    })
  })

  describe('a recording', () => {
    const path = (name: string): string => join(folder, `${name}.jsonl`)

    it('holds the commits of every conversation', async () => {
      await record(chaperone, redis.url, LOAD, path('whole'))

      const calls = readRecording(path('whole'))
      assert.deepEqual(
        calls.map(own => own.length),
        Array.from({ length: 6 }, () => 15)
      )
    })

    it('with a commit too few is refused', async () => {
      const [[, ...rest] = [], ...others] = readRecording(path('whole'))
      writeRecording(path('short'), [rest, ...others])

      await assert.rejects(measured(shipped, redis.url, LOAD, path('short')), /another number/)
    })

    it('out of order is refused by the script', async () => {
      const [[first, second, ...rest] = [], ...others] = readRecording(path('whole'))
      assert.ok(first !== undefined && second !== undefined)
      writeRecording(path('mixed'), [[second, first, ...rest], ...others])

      await assert.rejects(measured(shipped, redis.url, LOAD, path('mixed')), /answered "/)
    })
  })

  it('fails when a conversation ends at another version than it should', async () => {
    const forgetful: typeof chaperone = async (url, load) => {
      const { verify, ...rest } = await chaperone(url, load)
      return { ...rest, verify: turns => verify(turns + 1) }
    }

    await assert.rejects(measured(forgetful, redis.url, LOAD, ''), /ended at version 15/)
  })
})
