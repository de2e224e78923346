import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { Reply } from '../../../lib/conversation/reply.ts'
import { ABot } from './a-bot.ts'
import { type ServedChat, servedChat } from './a-visitor.ts'

/** The page in a browser, with a bot behind it that answers a few words. */
export class AStage {
  readonly bot = new ABot(({ content }, turn) => {
    if (content.kind === 'choice') return [text(`You chose ${content.option}.`)]
    const said = content.kind === 'text' ? content.text : ''
    if (said === 'ask') return [buttons(`1.${turn}.0.ask`)]
    return said === 'list' ? [list] : [text(`Heard: ${said}`)]
  })
  /** What the browser found wrong with any page. */
  readonly complaints: string[] = []
  readonly context: BrowserContext
  #chat: ServedChat | null = null
  #page: Page | null = null

  static async open(browser: Browser): Promise<AStage> {
    const stage = new AStage(await browser.newContext())
    await stage.serve()
    stage.page = await stage.openPage()
    return stage
  }

  private constructor(context: BrowserContext) {
    this.context = context
  }

  get chat(): ServedChat {
    return this.#chat ?? assert.fail('no server')
  }

  get page(): Page {
    return this.#page ?? assert.fail('no page')
  }

  set page(page: Page) {
    this.#page = page
  }

  /** Who the first message came from. */
  get user(): string {
    return this.bot.turns[0]?.address.user ?? assert.fail('nobody spoke')
  }

  /** Starts the server, again on the port it had before. */
  async serve(hadPort = 0): Promise<void> {
    this.#chat = await servedChat(this.bot, { title: 'Ledger' }, hadPort)
    this.bot.channel = this.#chat.channel
  }

  async openPage(): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', error => this.complaints.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    await page.goto(this.chat.url)
    await online(page)
    return page
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await online(this.page)
  }

  async say(said: string, page = this.page): Promise<void> {
    await page.getByRole('textbox').fill(said)
    await page.keyboard.press('Enter')
  }

  replies(page = this.page): Promise<string[]> {
    return page.locator('[data-role="reply"] .said').allTextContents()
  }

  messages(page = this.page): Promise<string[]> {
    return page.locator('[data-role="message"] .said').allTextContents()
  }

  replied(said: string, page = this.page): Promise<void> {
    return page.locator('[data-role="reply"]', { hasText: said }).last().waitFor()
  }

  async close(): Promise<void> {
    await this.context.close()
    await this.chat.close()
  }
}

export const text = (said: string): Reply => ({ kind: 'text', text: said })

export function launched(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map(folder => join(folder, 'chromium')).find(path => existsSync(path))
  const executablePath = found ?? assert.fail('no chromium on the path; see .ci/need')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

function online(page: Page): Promise<void> {
  return page.getByText('Online', { exact: true }).waitFor()
}

const buttons = (instance: string): Reply => ({
  kind: 'buttons',
  text: 'Sure?',
  instance,
  options: [
    { id: 'yes', label: 'Yes 👍' },
    { id: 'no', label: 'No' }
  ]
})
const list: Reply = {
  kind: 'list',
  text: 'Which account?',
  header: 'Accounts',
  footer: 'Two in all',
  instance: '1.9.0.list',
  button: 'Choose',
  sections: [
    { title: 'Mine', options: [{ id: 'a', label: 'Savings', description: '10.00 USD' }] },
    { title: 'Shared', options: [{ id: 'b', label: 'Household' }] }
  ]
}
