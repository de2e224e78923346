import type { ChannelHost } from '../../../lib/channel/channel.ts'
import {
  type WebhookDoor,
  type WhatsAppSettings,
  whatsapp
} from '../../../lib/channel/whatsapp/whatsapp.ts'
import type { RecordingHost } from '../recording-host.ts'
import { APP_SECRET, escaped, PHONE_NUMBER_ID, signatureOf } from './a-post.ts'

export const settings: WhatsAppSettings = {
  appSecret: APP_SECRET,
  verifyToken: 'the verify token',
  accessToken: 'the access token',
  phoneNumberId: PHONE_NUMBER_ID
}

export function aDoor(
  host: ChannelHost | RecordingHost,
  changes: Partial<WhatsAppSettings> = {}
): WebhookDoor {
  return whatsapp({ ...settings, ...changes }).mount(host)
}

/** A signed post as the provider makes it. */
export function signedPost(json: unknown): RequestInit & { readonly body: Buffer } {
  return rawPost(escaped(json))
}

/** These very bytes, rightly signed. */
export function rawPost(body: Buffer): RequestInit & { readonly body: Buffer } {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signatureOf(body) },
    body
  }
}

export async function answerOf(
  url: string,
  init: RequestInit
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(url, init)
  return { status: response.status, text: await response.text(), headers: response.headers }
}
