import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../lib/kernel/failure.ts'
import { whatWasThrown, whatWentWrong } from '../../lib/kernel/thrown.ts'

describe('whatWasThrown', () => {
  it('names the error and the line, never its message', () => {
    const said = whatWasThrown(thrownBy(() => JSON.parse('my card is 4111')))

    assert.match(said, /^SyntaxError at JSON\.parse/)
    assert.doesNotMatch(said, /card|4111/)
  })

  it('is not fooled by a message that looks like a line of a stack', () => {
    const said = whatWasThrown(new Error('x\n    at 4111 (card)'))

    assert.match(said, /^Error at .*thrown\.spec/)
    assert.doesNotMatch(said, /4111/)
  })

  it('keeps quiet when the message was changed after the throw, or the name is no name', () => {
    const changed = new Error('one\n    at 4111')
    assert.match(changed.stack ?? '', /4111/)
    changed.message = ''
    const named = new TypeError('x')
    named.name = 'card 4111'

    assert.equal(whatWasThrown(changed), 'Error')
    assert.match(whatWasThrown(named), /^Error/)
    assert.doesNotMatch(whatWasThrown(named), /4111/)
  })

  it('names the kind of a thrown value that is no error', () => {
    assert.equal(whatWasThrown('4111'), 'a thrown string')
    assert.equal(whatWasThrown(null), 'a thrown null')
    assert.equal(whatWasThrown(undefined), 'a thrown undefined')
  })
})

describe('whatWentWrong', () => {
  it('is the code of a failure, without its detail', () => {
    const failed = new ChaperoneError(failure('CHP_STORE_REFUSED', 'card 4111'))

    assert.equal(whatWentWrong(failed), 'CHP_STORE_REFUSED')
  })

  it('is what was thrown for everything else', () => {
    assert.match(whatWentWrong(new TypeError('card 4111')), /^TypeError at .*thrown\.spec/)
    assert.equal(whatWentWrong('card 4111'), 'a thrown string')
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return assert.fail('nothing was thrown')
}
