import { aChange, aPost } from '../../channel/whatsapp/a-post.ts'
import { textFrom } from '../webhook-client.ts'
import type { FailHouse } from './fail-house.ts'

const DOUBLED = 0.1
const ENOUGH = 80
const AGAIN_AFTER_MS = 50

/** What one member said, with the words that the bot answers. */
export interface Said {
  readonly id: string
  readonly user: string
  readonly word: string
}

/** Members who talk, each message posted until it is taken, as the provider does it. */
export class Talk {
  readonly said: Said[] = []
  posts = 0
  /** Posts answered 503, and those whose server was gone. */
  shed = 0
  cut = 0
  #isOver = false
  readonly #house: FailHouse

  constructor(house: FailHouse) {
    this.#house = house
  }

  over(): void {
    this.#isOver = true
  }

  /** Each member says one of these after the other until it is over, and enough was said. */
  async members(count: number, name: string, words: readonly string[]): Promise<void> {
    const lane = async (member: number): Promise<void> => {
      while (!this.#isOver || this.said.length < ENOUGH) {
        const word = words[Math.floor(this.#house.random.fraction() * words.length)] ?? 'hi'
        // What cannot be decided leads to a hold when it comes again: each from somebody else.
        const user = word === 'poison' ? `${name}9${this.said.length}` : `${name}${member}`
        await this.say(user, word)
      }
    }
    await Promise.all(Array.from({ length: count }, (_, member) => lane(member)))
  }

  /** `burst` is sixteen messages and more in one post. */
  async say(user: string, word: string): Promise<void> {
    const count = word === 'burst' ? 24 : 1
    const messages = Array.from({ length: count }, () => {
      const id = this.#house.nextId()
      this.said.push({ id, user, word })
      return textFrom(user, id, word)
    })
    const { client, random } = this.#house
    const post = aPost(aChange({ messages }))
    for (;;) {
      this.posts += 1
      const isDoubled = random.fraction() < DOUBLED
      const answers = await Promise.all([
        client.post(post),
        ...(isDoubled ? [client.post(post)] : [])
      ])
      if (answers.some(({ status }) => status === 200)) return
      for (const { status, text } of answers) {
        if (status === 503) this.shed += 1
        if (status === 'lost') this.cut += 1
        if (status !== 'lost' && status !== 503) throw new Error(`answered ${status} ${text}`)
      }
      await new Promise(done => setTimeout(done, AGAIN_AFTER_MS))
    }
  }
}
