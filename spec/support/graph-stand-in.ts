import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { listening } from '../channel/listening.ts'
import { Changes } from './changes.ts'
import { type PostedForm, postedForm } from './posted-form.ts'

/** One message that the stand-in took, as a member would see it. */
export interface Posted extends PostedForm {
  /** `messages[0].id` of the answer. */
  readonly providerId: string
  readonly phoneNumberId: string
  /** When it was taken, by this machine's clock. */
  readonly atMs: number
}

/** What the stand-in does to the next posts instead of taking them and saying so. */
type GraphFault =
  /** Nothing: this post is taken as it should be. */
  | { readonly kind: 'none' }
  /** Answers an error of the Graph API and takes nothing. */
  | { readonly kind: 'error'; readonly status: number; readonly code: number }
  /** Takes the message, and its answer is lost with the connection. */
  | { readonly kind: 'lose' }
  /** Takes the message at once and answers only when `release` is called. */
  | { readonly kind: 'hold' }

/** A local server that plays the Graph API. */
export interface GraphStandIn {
  /** What `WHATSAPP_API_URL` is set to. */
  readonly url: string
  /** Every message taken, in the order of arrival. */
  readonly posted: readonly Posted[]
  /** Posts that the Graph API would have refused; a bot in order causes none. */
  readonly unfit: readonly string[]
  readonly changes: Changes
  to(user: string): readonly Posted[]
  /** Arms a fault for the next so many posts. */
  misbehave(fault: GraphFault, times?: number): void
  /** Takes back every fault that has not met a post yet. */
  behave(): void
  /** Answers every post that is held. */
  release(): void
  close(): Promise<void>
}

export const ACCESS_TOKEN = 'the access token'
const VERSION = '/v22.0'

export async function graphStandIn(): Promise<GraphStandIn> {
  const posted: Posted[] = []
  const unfit: string[] = []
  const faults: GraphFault[] = []
  const held: (() => void)[] = []
  const changes = new Changes()

  const take = (phoneNumberId: string, json: unknown, res: ServerResponse): void => {
    const fault = faults.shift()
    if (fault?.kind === 'error') {
      refuse(res, fault.status, fault.code)
      return
    }
    const form = postedForm(json)
    if (typeof form === 'string') {
      unfit.push(form)
      refuse(res, 400, 131_009)
      changes.happened()
      return
    }
    const providerId = `wamid.out.${posted.length + 1}`
    posted.push({ ...form, providerId, phoneNumberId, atMs: Date.now() })
    if (fault?.kind === 'lose') res.destroy()
    else if (fault?.kind === 'hold') held.push(() => accept(res, form.to, providerId))
    else accept(res, form.to, providerId)
    changes.happened()
  }

  const listener: RequestListener = (req, res) => {
    readJson(req).then(
      json => {
        const number = new RegExp(`^${VERSION}/([^/]+)/messages$`).exec(req.url ?? '')?.[1]
        const isOurs = req.headers.authorization === `Bearer ${ACCESS_TOKEN}`
        if (req.method !== 'POST' || number === undefined) refuse(res, 404, 100)
        else if (!isOurs) refuse(res, 401, 190)
        else take(number, json, res)
      },
      (error: unknown) => res.destroy(error instanceof Error ? error : undefined)
    )
  }
  const server = await listening(listener)
  return {
    posted,
    unfit,
    changes,
    url: server.url + VERSION,
    to: user => posted.filter(message => message.to === user),
    misbehave: (fault, times = 1) => {
      for (let time = 0; time < times; time += 1) faults.push(fault)
    },
    behave: () => {
      faults.length = 0
    },
    release: () => {
      for (const answer of held.splice(0)) answer()
    },
    close: () => server.close()
  }
}

function accept(res: ServerResponse, user: string, providerId: string): void {
  const contacts = [{ input: user, wa_id: user }]
  answer(res, 200, { messaging_product: 'whatsapp', contacts, messages: [{ id: providerId }] })
}

function refuse(res: ServerResponse, status: number, code: number): void {
  answer(res, status, { error: { message: `(#${code})`, type: 'OAuthException', code } })
}

function answer(res: ServerResponse, status: number, json: unknown): void {
  if (res.destroyed) return
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
