import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { AStage, launched, text } from './a-stage.ts'
import { until } from './a-visitor.ts'

describe('the page in a browser', () => {
  let browser: Browser
  let stage: AStage

  before(async () => {
    browser = await launched()
  })
  after(() => browser.close())

  beforeEach(async () => {
    stage = await AStage.open(browser)
  })
  afterEach(() => stage.close())

  const option = (label: string) => stage.page.getByRole('button', { name: label }).last()

  it('has one text input, the title, and nothing to complain of', async () => {
    assert.equal(await stage.page.locator('input, textarea, [contenteditable]').count(), 1)
    assert.equal(await stage.page.getByRole('heading').textContent(), 'Ledger')
    assert.equal(await stage.page.title(), 'Ledger')
    assert.deepEqual(stage.complaints, [])
  })

  it('sends what is written, shows it as taken, and shows the answer', async () => {
    await stage.say('  Ça va ? 👩🏽‍🚀  ')
    await stage.replied('Heard: Ça va ? 👩🏽‍🚀')

    assert.deepEqual(stage.bot.said, ['Ça va ? 👩🏽‍🚀'])
    assert.deepEqual(await stage.messages(), ['Ça va ? 👩🏽‍🚀'])
    await stage.page.locator('[data-role="message"][data-state="taken"]').waitFor()
    assert.equal(await stage.page.getByRole('textbox').inputValue(), '')
  })

  it('sends nothing for blanks', async () => {
    await stage.say('   ')
    await stage.say('real')
    await stage.replied('Heard: real')

    assert.deepEqual(stage.bot.said, ['real'])
  })

  it('shows text as text, whatever it looks like', async () => {
    const hostile = '<img src=x onerror="document.title=1"><b>&amp;</b>'
    await stage.say(hostile)
    await stage.replied(`Heard: ${hostile}`)

    assert.deepEqual(await stage.messages(), [hostile])
    assert.equal(await stage.page.locator('#log article img, #log article b').count(), 0)
    assert.deepEqual(stage.complaints, [])
  })

  it('offers each option as a button, once, and answers with it', async () => {
    await stage.say('ask')
    await stage.replied('Sure?')
    await option('Yes').dblclick()
    await stage.replied('You chose yes.')

    assert.deepEqual(stage.bot.said, ['ask', 'yes'])
    assert.deepEqual(await stage.messages(), ['ask', 'Yes 👍'])
    const turn = stage.bot.turns[1]?.content
    assert.ok(turn?.kind === 'choice' && turn.instance === '1.1.0.ask')
    for (const button of await stage.page.locator('[data-role="reply"] button').all())
      assert.equal(await button.isDisabled(), true)
    assert.equal(await stage.page.locator('.option.chosen').textContent(), 'Yes 👍')
  })

  it('keeps only the newest prompt open; the older stay to be read', async () => {
    await stage.say('ask')
    await stage.replied('Sure?')
    await stage.say('list')
    await stage.replied('Which account?')

    assert.deepEqual(
      await stage.page.getByRole('button', { name: 'No', exact: true }).isDisabled(),
      true
    )
    assert.equal(
      await stage.page.getByRole('button', { name: 'No', exact: true }).isVisible(),
      true
    )
    assert.equal(await option('Household').isEnabled(), true)
  })

  it('keeps a prompt open while other news comes in', async () => {
    await stage.say('ask')
    await stage.replied('Sure?')
    stage.bot.tell(stage.user, text('By the way'))
    await stage.replied('By the way')

    assert.equal(await option('No').isEnabled(), true)
  })

  it('shows a list as named groups of buttons with their descriptions', async () => {
    await stage.say('list')
    await stage.replied('Which account?')

    const group = stage.page.getByRole('group', { name: 'Mine' })
    assert.equal(await group.getByRole('button').count(), 1)
    assert.match((await group.getByRole('button').textContent()) ?? '', /^Savings10\.00 USD$/)
    await stage.page.getByRole('group', { name: 'Shared' }).getByRole('button').click()
    await stage.replied('You chose b.')
  })

  it('can be used by the keyboard alone', async () => {
    await stage.say('ask')
    await stage.replied('Sure?')
    await stage.page.keyboard.press('Shift+Tab')
    await stage.page.keyboard.press('Enter')
    await stage.replied('You chose no.')
    await until(() => stage.bot.said.length === 2)

    assert.deepEqual(stage.bot.said, ['ask', 'no'])
  })
})
