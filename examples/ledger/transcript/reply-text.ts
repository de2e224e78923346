import type { Reply, ReplyOption } from '../../../lib/conversation/reply.ts'

/** All that a member can read of a reply: body, header, footer and labels, line by line. */
export function replyText(reply: Reply): string {
  return partsOf(reply)
    .filter(part => part !== undefined && part !== '')
    .join('\n')
}

function partsOf(reply: Reply): readonly (string | undefined)[] {
  switch (reply.kind) {
    case 'text':
      return [reply.text]
    case 'buttons':
      return [reply.text, reply.header, reply.footer, ...reply.options.flatMap(labelsOf)]
    case 'list': {
      const sections = reply.sections.flatMap(({ title, options }) => [
        title,
        ...options.flatMap(labelsOf)
      ])
      return [reply.text, reply.header, reply.footer, reply.button, ...sections]
    }
    case 'media':
      return [reply.caption, reply.link]
    case 'template':
      return [reply.name, ...reply.parameters]
  }
}

function labelsOf({ label, description }: ReplyOption): readonly (string | undefined)[] {
  return [label, description]
}
