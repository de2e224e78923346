import assert from 'node:assert/strict'
import { defaultPolicy, textFor } from '../../lib/supervision/policy.ts'

describe('the text of a policy', () => {
  const texts = { park: { en: 'kept', 'pt-BR': 'guardado' } }

  it('is that of the locale, else of its language, else the first', () => {
    const said = ['pt-BR', 'en', 'en-GB', 'de', ''].map(locale =>
      textFor({ texts }, 'park', locale)
    )
    assert.deepEqual(said, ['guardado', 'kept', 'kept', 'kept', 'kept'])
  })

  it('is none where the bot has words of its own', () => {
    assert.equal(textFor(defaultPolicy, 'reset', 'en'), null)
    assert.equal(textFor(defaultPolicy, 'hold', 'en'), null)
    assert.equal(textFor({ texts: { hold: { en: 'x' } } }, 'hold', 'constructor'), 'x')
  })
})
