import assert from 'node:assert/strict'
import { classify, quoted, type Verdict } from '../../../lib/store/redis/classify.ts'

const ROWS: readonly (readonly [string, Verdict])[] = [
  ['NOSCRIPT No matching script. Please use EVAL.', 'refused'],
  ['MOVED 3999 127.0.0.1:6381', 'refused'],
  ['ASK 3999 127.0.0.1:6381', 'refused'],
  ["Stream isn't writeable and enableOfflineQueue options is false", 'refused'],
  ['LOADING Redis is loading the dataset in memory', 'refused'],
  ['BUSY Redis is busy running a script.', 'refused'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'refused'],
  ['CLUSTERDOWN Hash slot not served', 'refused'],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'refused'],
  ["READONLY You can't write against a read only replica.", 'refused'],
  ['NOREPLICAS Not enough good replicas to write.', 'refused'],
  ['MISCONF Redis is configured to save RDB snapshots, but it cannot', 'refused'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'refused'],
  ['ERR max number of clients reached', 'refused'],
  ['Command timed out', 'unknown'],
  ['read ECONNRESET', 'unknown'],
  ['write EPIPE', 'unknown'],
  ['Connection is closed.', 'unknown'],
  ['Reached the max retries per request limit (which is 0).', 'unknown'],
  ['UNBLOCKED force unblock from blocking operation', 'unknown'],
  ['ERR Error running script', 'unknown'],
  ['something nobody has seen', 'unknown'],
  ['', 'unknown'],
  ['NOAUTH Authentication required.', 'fatal'],
  ['WRONGPASS invalid username-password pair', 'fatal'],
  ['NOPERM this user has no permissions', 'fatal'],
  ["ERR unknown command 'EVALSHA', with args beginning with: 'secret'", 'fatal'],
  ["CROSSSLOT Keys in request don't hash to the same slot", 'fatal'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'wrongType']
]

describe('the verdict on an error', () => {
  for (const [message, verdict] of ROWS) {
    it(`of "${message.slice(0, 40)}" is ${verdict}`, () => {
      assert.equal(classify(new Error(message)), verdict)
    })
  }

  it('of what is no error is unknown', () => {
    assert.equal(classify('nothing'), 'unknown')
    assert.equal(classify(undefined), 'unknown')
  })
})

describe('what is quoted of an error', () => {
  it('holds no argument of the call', () => {
    const refused = new Error("ERR unknown command 'EVALSHA', with args beginning with: 'secret'")

    assert.equal(quoted(refused), 'ERR unknown command')
  })

  it('is the code of the system where there is one', () => {
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })

    assert.equal(quoted(reset), 'ECONNRESET')
  })

  it('is one short line', () => {
    assert.equal(quoted(new Error(`first\nsecond`)), 'first')
    assert.equal(quoted(new Error('x'.repeat(500))).length, 120)
  })
})
