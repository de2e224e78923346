import { createHmac } from 'node:crypto'

export const PHONE_NUMBER_ID = '106540352242922'
export const APP_SECRET = 'the secret of the app'

/** Payloads as the provider documents them, one of every kind that matters here. */
export const messages = {
  text: (id = 'wamid.text', body = 'Does it come in another colour?', from = '16505551234') => ({
    from,
    id,
    timestamp: '1749416383',
    type: 'text',
    text: { body }
  }),
  button: (id = 'wamid.button', option = '1.2.0.abc|yes') => ({
    ...head(id, 'interactive'),
    context: { from: '15550783881', id: 'wamid.prompt' },
    interactive: { type: 'button_reply', button_reply: { id: option, title: 'Yes' } }
  }),
  list: (id = 'wamid.list', option = '1.2.0.abc|row|7') => ({
    ...head(id, 'interactive'),
    interactive: {
      type: 'list_reply',
      list_reply: { id: option, title: 'Seven', description: 'the seventh' }
    }
  }),
  quickReply: (id = 'wamid.quick', payload = 'Unsubscribe') => ({
    ...head(id, 'button'),
    button: { payload, text: 'Unsubscribe' }
  }),
  image: (id = 'wamid.image') => ({
    ...head(id, 'image'),
    image: {
      caption: 'Look',
      mime_type: 'image/jpeg',
      sha256: 'Gqzw7BUfQpYv',
      id: '2754859441498128'
    }
  }),
  location: (id = 'wamid.place') => ({
    ...head(id, 'location'),
    location: { address: '1 Hacker Way', latitude: 37.48, longitude: -122.15, name: 'Office' }
  }),
  reaction: (id = 'wamid.reaction') => ({
    ...head(id, 'reaction'),
    reaction: { message_id: 'wamid.other', emoji: '👍' }
  }),
  unsupported: (id = 'wamid.unsupported') => ({
    ...head(id, 'unsupported'),
    errors: [{ code: 131051, title: 'Message type unknown' }]
  }),
  named: (id = 'wamid.named') => ({
    from_user_id: 'US.13491208655302741918',
    id,
    timestamp: '1749416383',
    type: 'text',
    text: { body: 'no number' }
  })
}

export const statuses = {
  delivered: (id = 'wamid.sent') => ({
    id,
    status: 'delivered',
    timestamp: '1750030073',
    recipient_id: '16505551234',
    pricing: { billable: true, pricing_model: 'PMP', category: 'service', type: 'regular' }
  }),
  failed: (id = 'wamid.sent') => ({
    id,
    status: 'failed',
    timestamp: '1750030073',
    recipient_user_id: 'US.13491208655302741918',
    errors: [{ code: 131049, title: 'Meta chose not to deliver' }, { code: 1 }]
  })
}

/** One change of a post, for our number unless another is named. */
export function aChange(
  parts: { messages?: readonly unknown[]; statuses?: readonly unknown[] },
  phoneNumberId = PHONE_NUMBER_ID
): object {
  return {
    field: 'messages',
    value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '15550783881', phone_number_id: phoneNumberId },
      contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }],
      ...parts
    }
  }
}

export function aPost(...changes: readonly unknown[]): object {
  return { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] }
}

/** The bytes as the provider sends and signs them: all but ASCII escaped, slashes too. */
export function escaped(json: unknown): Buffer {
  const text = JSON.stringify(json).replaceAll('/', '\\/')
  const ascii = text.replace(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
  return Buffer.from(ascii, 'latin1')
}

export function signatureOf(raw: Uint8Array, secret = APP_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`
}

function head(id: string, type: string): object {
  return { from: '16505551234', id, timestamp: '1749416383', type }
}
