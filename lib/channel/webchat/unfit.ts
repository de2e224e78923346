import { optionsOf, type Reply, type ReplyOption } from '../../conversation/reply.ts'

/** Bounds of the page, in UTF-16 units and counts: generous, for a screen has room. */
const LIMITS = { text: 8_192, label: 256, id: 256, options: 30, link: 2_048 } as const

/** Why the page cannot show this reply: the part and its limit; null when it can. */
export function unfit(reply: Reply): string | null {
  return problemsOf(reply).find(problem => problem !== null) ?? null
}

type Problem = string | null

function problemsOf(reply: Reply): readonly Problem[] {
  switch (reply.kind) {
    case 'text':
      return [measured('text', reply.text, LIMITS.text)]
    case 'buttons':
      return offered(reply)
    case 'list':
      return [
        ...offered(reply),
        ...reply.sections.map(({ title }) => optional('section title', title, LIMITS.label))
      ]
    case 'media':
      return [
        measured('media link', reply.link, LIMITS.link),
        /^https?:\/\/[^\s/]/i.test(reply.link) ? null : 'media link: not an http or https address',
        optional('caption', reply.caption, LIMITS.text)
      ]
    case 'template':
      return ['template: the web chat has none']
  }
}

function offered(reply: Extract<Reply, { kind: 'buttons' | 'list' }>): readonly Problem[] {
  const options = optionsOf(reply)
  return [
    measured('text', reply.text, LIMITS.text),
    optional('header', reply.header, LIMITS.label),
    optional('footer', reply.footer, LIMITS.label),
    measured('prompt instance', reply.instance, LIMITS.id),
    options.length < 1 || options.length > LIMITS.options
      ? `options: ${options.length}, allowed are 1 to ${LIMITS.options}`
      : null,
    ...options.flatMap(optionProblems),
    new Set(options.map(({ id }) => id)).size < options.length
      ? 'option ids: not all different'
      : null
  ]
}

function optionProblems({ id, label, description }: ReplyOption): readonly Problem[] {
  return [
    measured('option id', id, LIMITS.id),
    measured('option label', label, LIMITS.label),
    optional('option description', description, LIMITS.label)
  ]
}

function measured(part: string, text: string, max: number): Problem {
  return text.trim() === '' ? `${part}: empty` : optional(part, text, max)
}

function optional(part: string, text: string | undefined, max: number): Problem {
  if (text === undefined || text.length <= max) return null
  return `${part}: ${text.length} characters, at most ${max}`
}
