import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { BotHouse } from './bot-server.ts'
import type { Posted } from './graph-stand-in.ts'
import { tapFrom, textFrom } from './webhook-client.ts'

/** What a member sends: a text, or a tap on an option of the newest prompt that has it. */
export type Said = string | { readonly tap: string }

/** Somebody who talks to the bot by WhatsApp, as the provider and the stand-in let them. */
export interface WhatsAppMember {
  readonly phone: string
  /** Sends one message, as often as the provider would; resolves when it is acknowledged. */
  say(said: Said): Promise<void>
  /** The message as it would be posted, with an id of its own. */
  message(said: Said): object
  /**
   * Waits for messages that say this, in this order.
   *
   * What comes between must be a repeat, byte for byte, of what was heard before: a server that
   * was killed may send again what it had sent, and nothing else.
   */
  hears(...patterns: readonly RegExp[]): Promise<void>
  /** What the member heard so far, each message once, in order. */
  readonly heard: readonly Posted[]
  /** Everything that came is heard or a repeat of what was. */
  heardAll(): void
}

/** A member who waits so long for what is to be heard, in ms. */
export function whatsAppMember(
  { client, graph }: Pick<BotHouse, 'client' | 'graph'>,
  phone: string,
  withinMs = 20_000
): WhatsAppMember {
  const heard: Posted[] = []
  // Neither log nor store may show the number, so no id has it.
  const name = randomUUID()
  let sent = 0
  let read = 0
  const message = (said: Said): object => {
    sent += 1
    const id = `wamid.${name}.${sent}`
    if (typeof said === 'string') return textFrom(phone, id, said)
    const { option, kind } = optionOf(heard, said.tap)
    return tapFrom(phone, id, kind, option)
  }
  const pass = (came: Posted): void => {
    const isRepeat = heard.some(known => bytesOf(known) === bytesOf(came))
    assert.ok(isRepeat, `unasked for: ${told([came])}, after: ${told(heard)}`)
    read += 1
  }
  return {
    phone,
    message,
    heard,
    say: async said => {
      await client.deliver(message(said))
    },
    hears: async (...patterns) => {
      for (const pattern of patterns) {
        const next = await graph.changes.until(
          () => {
            for (;;) {
              const came = graph.to(phone)[read]
              if (came === undefined || pattern.test(came.text)) return came
              pass(came)
            }
          },
          () => `${pattern} for ${phone}, who heard: ${told(heard)}`,
          withinMs
        )
        read += 1
        heard.push(next)
      }
    },
    heardAll: () => {
      for (const came of graph.to(phone).slice(read)) pass(came)
    }
  }
}

type Tappable = { option: Posted['options'][number]; kind: 'button' | 'list' }

function optionOf(heard: readonly Posted[], wanted: string): Tappable {
  for (const { options, kind } of heard.toReversed()) {
    const option = options.find(({ id }) => id.endsWith(`|${wanted}`))
    if (option !== undefined && kind !== 'text') return { option, kind }
  }
  return assert.fail(`no option ${wanted} in: ${told(heard)}`)
}

function bytesOf({ text, options }: Posted): string {
  return JSON.stringify([text, options])
}

function told(heard: readonly Posted[]): string {
  return JSON.stringify(heard.slice(-12).map(({ text }) => text))
}
