import { aChange, aPost, escaped, messages, signatureOf } from '../channel/whatsapp/a-post.ts'

/** How a webhook post was answered; `lost` when the server was gone before it answered. */
interface Answered {
  readonly status: number | 'lost'
  readonly text: string
}

/** The provider's side of the webhook: it signs what it posts, and comes again. */
export interface WebhookClient {
  /** Posts these bytes as they are. */
  raw(body: string | Buffer, headers?: Record<string, string>): Promise<Answered>
  /** Signs and posts, once. */
  post(json: unknown): Promise<Answered>
  /** One message in one signed post, once. */
  once(message: object): Promise<Answered>
  /** As the provider does it: posts until the answer is 200. Resolves to how often it posted. */
  deliver(message: object): Promise<number>
}

const AGAIN_AFTER_MS = 50

/** `webhook` is asked for at every post: a server that was restarted may listen elsewhere. */
export function webhookClient(webhook: () => string): WebhookClient {
  const raw: WebhookClient['raw'] = async (body, headers = {}) => {
    try {
      const all = { 'content-type': 'application/json', ...headers }
      const response = await fetch(webhook(), { method: 'POST', headers: all, body })
      return { status: response.status, text: await response.text() }
    } catch (error) {
      return { status: 'lost', text: String(error) }
    }
  }
  const post: WebhookClient['post'] = json => {
    const body = escaped(json)
    return raw(body, { 'x-hub-signature-256': signatureOf(body) })
  }
  const once: WebhookClient['once'] = message => post(aPost(aChange({ messages: [message] })))
  return {
    raw,
    post,
    once,
    deliver: async message => {
      for (let posts = 1; ; posts += 1) {
        const { status } = await once(message)
        if (status === 200) return posts
        if (status !== 'lost' && status !== 503) throw new Error(`answered ${status}`)
        await new Promise(resolve => setTimeout(resolve, AGAIN_AFTER_MS))
      }
    }
  }
}

/** A text of a member, as the provider words it. */
export function textFrom(user: string, id: string, body: string): object {
  return messages.text(id, body, user)
}

/** A tap of a member on a button or a list row. */
export function tapFrom(
  user: string,
  id: string,
  kind: 'button' | 'list',
  option: { readonly id: string; readonly title: string }
): object {
  const reply = { id: option.id, title: option.title }
  const interactive =
    kind === 'button'
      ? { type: 'button_reply', button_reply: reply }
      : { type: 'list_reply', list_reply: reply }
  return { from: user, id, timestamp: '1749416383', type: 'interactive', interactive }
}
