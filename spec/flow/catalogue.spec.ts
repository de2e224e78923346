import assert from 'node:assert/strict'
import { catalogueOf, wordsIn } from '../../lib/flow/catalogue.ts'
import { text } from '../../lib/flow/index.ts'

const catalogue = catalogueOf(
  { en: { hi: 'Hi {name}, {name}!', bye: 'Bye' }, fr: { hi: 'Salut {name}' } },
  { reset: 'bye' }
)

describe('texts', () => {
  it('are said in the locale of the conversation, filled in', () => {
    assert.equal(wordsIn(catalogue, 'en', text('hi', { name: 'Ann' })), 'Hi Ann, Ann!')
    assert.equal(wordsIn(catalogue, 'fr', text('hi', { name: 5 })), 'Salut 5')
  })

  it('are said in the first locale where another one lacks them', () => {
    assert.equal(wordsIn(catalogue, 'fr', text('bye')), 'Bye')
    assert.equal(wordsIn(catalogue, 'de', text('bye')), 'Bye')
  })

  it('are never said half-filled or empty', () => {
    assert.throws(() => wordsIn(catalogue, 'en', text('hi')), /text "hi" is not given "name"/)
    assert.throws(() => wordsIn(catalogue, 'en', text('gone')), /there is no text "gone"/)
  })

  it('take what a parameter says as it is', () => {
    const said = wordsIn(catalogue, 'en', text('hi', { name: '{bye} $& {name}' }))

    assert.equal(said, 'Hi {bye} $& {name}, {bye} $& {name}!')
  })

  it('of the runtime have English defaults, which the bot may replace', () => {
    assert.equal(wordsIn(catalogue, 'en', text('bot.stale')), 'That choice is no longer open.')
    assert.equal(wordsIn(catalogue, 'en', text('bot.reset')), 'Bye')
  })
})
