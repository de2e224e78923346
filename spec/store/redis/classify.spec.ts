import assert from 'node:assert/strict'
import { classify, quoted, type Verdict } from '../../../lib/store/redis/classify.ts'

const ROWS: readonly (readonly [string, Verdict])[] = [
  ['NOSCRIPT No matching script. Please use EVAL.', 'now'],
  ['MOVED 3999 127.0.0.1:6381', 'now'],
  ['ASK 3999 127.0.0.1:6381', 'now'],
  ["Stream isn't writeable and enableOfflineQueue options is false", 'later'],
  ['LOADING Redis is loading the dataset in memory', 'later'],
  ['BUSY Redis is busy running a script.', 'later'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'later'],
  ['CLUSTERDOWN Hash slot not served', 'later'],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'later'],
  ["READONLY You can't write against a read only replica.", 'later'],
  ['NOREPLICAS Not enough good replicas to write.', 'later'],
  ['MISCONF Redis is configured to save RDB snapshots, but it cannot', 'later'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'later'],
  ['ERR max number of clients reached', 'later'],
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
  ["ERR The user executing the script can't run this command or subcommand script: 1", 'fatal'],
  ['DENIED Redis is running in protected mode', 'fatal'],
  ['NOPROTO unsupported protocol version', 'fatal'],
  ["CROSSSLOT Keys in request don't hash to the same slot", 'fatal'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'conversation'],
  ['CORRUPT the standing is damaged script: 1, on @user_script:9.', 'damaged']
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
