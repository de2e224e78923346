import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { AStage, launched, text } from './a-stage.ts'

describe('what the page keeps, in a browser', () => {
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

  it('shows the conversation again after a reload, with the open prompt open', async () => {
    await stage.say('hello')
    await stage.replied('Heard: hello')
    await stage.say('ask')
    await stage.replied('Sure?')
    await stage.reload()

    assert.deepEqual(await stage.messages(), ['hello', 'ask'])
    assert.deepEqual(await stage.replies(), ['Heard: hello', 'Sure?'])
    await option('Yes').click()
    await stage.replied('You chose yes.')
    assert.equal(stage.bot.turns.length, 3)
    assert.equal(new Set(stage.bot.turns.map(({ address }) => address.user)).size, 1)
  })

  it('keeps what is said while the server is away, in order, and says it once', async () => {
    await stage.say('one')
    await stage.replied('Heard: one')
    const { port } = stage.chat
    await stage.chat.close()
    await stage.page.locator('#state[data-state="offline"]').waitFor()
    await stage.say('two')
    await stage.say('three')
    assert.equal(await stage.page.locator('[data-state="pending"]').count(), 2)

    await stage.serve(port)
    await stage.replied('Heard: three')

    assert.deepEqual(stage.bot.said, ['one', 'two', 'three'])
    assert.deepEqual(await stage.replies(), ['Heard: one', 'Heard: two', 'Heard: three'])
  })

  it('says after a reload what the page had no time to send', async () => {
    stage.bot.refuse = () => ({ tag: 'shed', reason: 'full', retryAfterMs: 60_000 })
    await stage.say('patience')
    await stage.page.locator('[data-state="pending"]').waitFor()
    stage.bot.refuse = () => null
    await stage.page.reload()
    await stage.replied('Heard: patience')

    assert.deepEqual(stage.bot.said, ['patience'])
    assert.deepEqual(await stage.messages(), ['patience'])
  })

  it('sends again, by itself, what was shed', async () => {
    let shed = 2
    stage.bot.refuse = () => {
      shed -= 1
      return shed < 0 ? null : { tag: 'shed', reason: 'full', retryAfterMs: 50 }
    }
    await stage.say('first')
    await stage.say('second')
    await stage.replied('Heard: second')

    assert.deepEqual(stage.bot.said, ['first', 'second'])
  })

  it('gets the replies it missed when it comes back', async () => {
    await stage.say('hello')
    await stage.replied('Heard: hello')
    await stage.page.close()
    stage.bot.tell(stage.user, text('While you were away'))
    stage.page = await stage.openPage()
    await stage.replied('While you were away')

    assert.deepEqual(await stage.replies(), ['Heard: hello', 'While you were away'])
  })

  it('shows a reply once, though it is offered twice', async () => {
    await stage.say('hello')
    await stage.replied('Heard: hello')
    const again = () => stage.chat.offer(stage.user, text('Only once'), 'twice')

    assert.equal((await again()).tag, 'sent')
    assert.equal((await again()).tag, 'sent')

    assert.deepEqual(await stage.replies(), ['Heard: hello', 'Only once'])
  })

  it('is one conversation in two tabs', async () => {
    const other = await stage.openPage()
    await stage.say('from one')
    await stage.replied('Heard: from one', other)
    await stage.say('from two', other)
    await stage.replied('Heard: from two')

    assert.deepEqual(stage.bot.said, ['from one', 'from two'])
    for (const tab of [stage.page, other]) {
      assert.deepEqual(await stage.messages(tab), ['from one', 'from two'])
      assert.deepEqual(await stage.replies(tab), ['Heard: from one', 'Heard: from two'])
    }
  })

  it('forgets the conversation of a visitor that the browser is no longer', async () => {
    await stage.say('hello')
    await stage.replied('Heard: hello')
    await stage.context.clearCookies()
    await stage.reload()

    await stage.page.getByText('Say hello to begin').waitFor()
    assert.deepEqual(await stage.messages(), [])
  })

  it('remembers the newest two hundred bubbles', async () => {
    await stage.say('hello')
    await stage.replied('Heard: hello')
    for (let count = 1; count <= 210; count += 1) stage.bot.tell(stage.user, text(`news ${count}`))
    await stage.replied('news 210')

    const shown = await stage.replies()
    assert.equal(shown.length, 200)
    assert.deepEqual([shown[0], shown.at(-1)], ['news 11', 'news 210'])
  })

  it('works where nothing can be stored', async () => {
    await stage.page.close()
    const denied = "{ get() { throw new Error('denied') } }"
    await stage.context.addInitScript({
      content: `Object.defineProperty(globalThis, 'localStorage', ${denied})`
    })
    stage.page = await stage.openPage()
    await stage.say('hello')
    await stage.replied('Heard: hello')

    assert.deepEqual(stage.complaints, [])
  })
})
