import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type BotHouse, botHouse } from '../../support/bot-server.ts'
import { launchChromium } from '../../support/chromium.ts'

// The pictures stay, for whoever wants to see what a member sees.
const pictures = mkdtempSync(join(tmpdir(), 'chaperone-pictures-'))

describe('a member in the web chat', () => {
  let house: BotHouse
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser.close())
  beforeEach(async () => {
    complaints = []
    house = await botHouse({ ledgerApart: true })
    context = await browser.newContext({ viewport: { width: 420, height: 800 } })
    page = await context.newPage()
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(house.url)
    await online()
  })
  afterEach(async () => {
    await context.close()
    await house.end()
  })

  const online = () => page.getByText('Online', { exact: true }).waitFor()
  const say = async (said: string) => {
    await page.getByRole('textbox').fill(said)
    await page.keyboard.press('Enter')
  }
  const tap = (label: string) => page.getByRole('button', { name: label }).last().click()
  const hears = (said: string | RegExp) =>
    page.locator('[data-role="reply"]', { hasText: said }).last().waitFor()
  const replies = () => page.locator('[data-role="reply"] .said').allTextContents()
  const messages = () => page.locator('[data-role="message"] .said').allTextContents()
  const picture = (name: string) =>
    page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })

  const register = async () => {
    await say('hi')
    await hears('Tap the button to join')
    await picture('1-welcome')
    await tap('Join')
    await hears('What is your first name?')
    await say('Zoë 🌍')
    await hears('your last name?')
    await say('Ñandú')
    await hears('Balances')
  }
  const offerUpToConfirm = async (amount: string) => {
    await tap('Offer credit')
    await hears('How much do you want to offer?')
    await say(amount)
    await hears('Which handle should receive it?')
    await say('bob_store')
    await hears('Please confirm')
  }
  const offers = async () => (await house.ledger.log()).offers.map(({ amount }) => amount)

  it('registers and offers by typing and clicking, each reply once and in order', async () => {
    await register()
    await picture('2-dashboard')
    await offerUpToConfirm('12.50')
    await picture('3-confirm')
    await tap('Confirm')
    await hears('Your offer was sent.')
    await hears('87.50 USD')
    await picture('4-offered')

    assert.deepEqual(await offers(), ['12.50'])
    const names = ['Zoë 🌍', 'Ñandú']
    const said = ['hi', 'Join', ...names, 'Offer credit', '12.50', 'bob_store', 'Confirm']
    assert.deepEqual(await messages(), said)
    assert.equal((await replies()).length, 10)
    assert.equal(await page.getByRole('button', { name: 'Confirm' }).isDisabled(), true)
    assert.deepEqual(complaints, [])
  })

  it('shows a phone the beginning of an answer, and where it goes on', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await register()
    await offerUpToConfirm('2.50')
    await tap('Confirm')
    await hears('97.50 USD')

    const box = async (said: string) => {
      const found = page.locator('[data-role="reply"] .said', { hasText: said }).last()
      return (await found.boundingBox()) ?? assert.fail(`"${said}" is not shown`)
    }
    const log = (await page.locator('#log').boundingBox()) ?? assert.fail('there is no log')
    const [sent, menu] = [await box('Your offer was sent.'), await box('97.50 USD')]
    assert.ok(log.y <= sent.y && sent.y < menu.y, `${log.y} ${sent.y} ${menu.y}`)
    assert.ok(menu.y < log.y + log.height - 100)
    assert.deepEqual(complaints, [])
  })

  it('goes on after a reload in the middle of an offer, its prompt still open', async () => {
    await register()
    await offerUpToConfirm('5')
    const before = await replies()

    await page.reload()
    await online()

    assert.deepEqual(await replies(), before)
    await tap('Confirm')
    await hears('Your offer was sent.')
    assert.deepEqual(await offers(), ['5.00'])
    assert.deepEqual(complaints, [])
  })

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    it(`comes back by itself after ${signal} to the server, nothing said twice`, async () => {
      await register()
      await offerUpToConfirm('7')

      assert.equal(await house.server.end(signal), signal === 'SIGTERM' ? 0 : null)
      await page.locator('#state[data-state="offline"]').waitFor()
      await tap('Confirm')
      await picture('5-offline')
      await house.start()
      await hears('Your offer was sent.')
      await online()
      await hears('93.00 USD')
      await picture('6-back')

      assert.deepEqual(await offers(), ['7.00'])
      const said = await replies()
      assert.equal(said.filter(text => text === 'Your offer was sent.').length, 1)
      assert.equal(said.length, 10)
    })

  it('loses no reply when the server is killed while the ledger is at work', async () => {
    await register()
    await offerUpToConfirm('3')
    await house.ledger.arm({ kind: 'delay', endpoint: 'createOffer', when: 'after', ms: 500 })

    await tap('Confirm')
    await page
      .locator('[data-role="message"][data-state="taken"]', { hasText: 'Confirm' })
      .waitFor()
    await house.kill()
    await house.start()

    await hears('Your offer was sent.')
    await hears('97.00 USD')
    assert.deepEqual(await offers(), ['3.00'])
  })

  it('is another conversation in another browser', async () => {
    await register()
    const other = await browser.newContext()
    const theirs = await other.newPage()
    await theirs.goto(house.url)
    await theirs.getByRole('textbox').fill('hi')
    await theirs.keyboard.press('Enter')

    await theirs.getByText('Tap the button to join').waitFor()
    await other.close()
  })
})
