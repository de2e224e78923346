import assert from 'node:assert/strict'
import { failure } from '../../lib/kernel/failure.ts'
import { metFailure } from '../../lib/runtime/met-failure.ts'
import { chainProgram } from '../support/chain-program.ts'

/** The cause of a failure that was thrown from this frame. */
function causeAt(frame: string): string {
  const thrown = new Error('no such step')
  thrown.stack = `Error: no such step\n    at ${frame}\n    at run (/other/${frame.length}.js:1:1)`
  return metFailure(
    { program: chainProgram(), build: 'chain/1' },
    { id: 'c', memory: null, seen: null },
    {
      failure: failure('CHP_DECIDE_THREW', 'It threw.', thrown),
      action: 'decide',
      event: { kind: 'Inbound', id: 'm1' },
      attempt: 1
    }
  ).cause
}

describe('the cause of a failure', () => {
  it('is the same wherever the bot is installed', () => {
    const here = causeAt('Object.decide (file:///srv/bot/dist/flows.js:10:5)')

    for (const place of ['file:///opt/my bots (old)/flows.js', '/flows.js', 'C:\\bot\\flows.js']) {
      assert.equal(causeAt(`Object.decide (${place}:10:5)`), here, place)
    }
    const bare = causeAt('file:///srv/bot/dist/flows.js:10:5')
    assert.equal(causeAt('/opt/my bots/flows.js:10:5'), bare)
  })

  it('is another for another place in the code', () => {
    const frames = [
      'decide (/a/flows.js:10:5)',
      'decide (/a/flows.js:11:5)',
      'reset (/a/flows.js:10:5)'
    ]

    assert.equal(new Set([...frames, 'decide (/a/menu.js:10:5)'].map(causeAt)).size, 4)
  })
})
