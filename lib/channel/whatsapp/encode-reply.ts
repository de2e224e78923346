import type { Reply, ReplyOption } from '../../conversation/reply.ts'

/** The body of a post to `/messages` of the Cloud API, for a reply that `unfit` let through. */
export function encodeReply(user: string, reply: Reply): Record<string, unknown> {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipient(user),
    ...content(reply)
  }
}

/** The id that a tap brings back; the decoder splits it at the first bar. */
export function optionId(instance: string, option: ReplyOption): string {
  return `${instance}|${option.id}`
}

const USER_ID = /^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$/

// A user id in `to` is taken for a number: the provider answers 200 and delivers nothing.
function recipient(user: string): Record<string, string> {
  return USER_ID.test(user) ? { recipient: user } : { to: user }
}

function content(reply: Reply): Record<string, unknown> {
  switch (reply.kind) {
    case 'text':
      return { type: 'text', text: { body: reply.text } }
    case 'buttons':
      return interactive(reply, 'button', {
        buttons: reply.options.map(option => ({
          type: 'reply',
          reply: { id: optionId(reply.instance, option), title: option.label }
        }))
      })
    case 'list':
      return interactive(reply, 'list', {
        button: reply.button,
        sections: reply.sections.map(({ title, options }) => ({
          ...(title === '' ? {} : { title }),
          rows: options.map(option => row(reply.instance, option))
        }))
      })
    case 'media':
      return {
        type: reply.media,
        [reply.media]: {
          link: reply.link,
          ...(reply.caption === undefined ? {} : { caption: reply.caption })
        }
      }
    case 'template':
      return template(reply)
  }
}

type Framed = Extract<Reply, { kind: 'buttons' | 'list' }>

function interactive(
  { text, header, footer }: Framed,
  type: 'button' | 'list',
  action: object
): Record<string, unknown> {
  return {
    type: 'interactive',
    interactive: {
      type,
      ...(header === undefined ? {} : { header: { type: 'text', text: header } }),
      body: { text },
      ...(footer === undefined ? {} : { footer: { text: footer } }),
      action
    }
  }
}

function row(instance: string, option: ReplyOption): Record<string, string> {
  const { label, description } = option
  return {
    id: optionId(instance, option),
    title: label,
    ...(description === undefined ? {} : { description })
  }
}

function template({
  name,
  language,
  parameters
}: Extract<Reply, { kind: 'template' }>): Record<string, unknown> {
  const body = {
    type: 'body',
    parameters: parameters.map(text => ({ type: 'text', text }))
  }
  return {
    type: 'template',
    template: {
      name,
      language: { code: language },
      ...(parameters.length === 0 ? {} : { components: [body] })
    }
  }
}
