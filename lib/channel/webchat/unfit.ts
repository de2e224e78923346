import { optionsOf, type Reply, type ReplyOption } from '../../conversation/reply.ts'
import { atMost, counted, fetchable, firstOf, measured, type Problem, unique } from '../problem.ts'

/** Bounds of the page, in UTF-16 units and counts: generous, for a screen has room. */
const LIMITS = { text: 8_192, label: 256, id: 256, options: 30, link: 2_048 } as const

/** Why the page cannot show this reply: the part and its limit; null when it can. */
export function unfit(reply: Reply): string | null {
  return firstOf(problemsOf(reply))
}

function problemsOf(reply: Reply): readonly Problem[] {
  switch (reply.kind) {
    case 'text':
      return [measured('text', reply.text, LIMITS.text)]
    case 'buttons':
      return offered(reply)
    case 'list':
      return [
        ...offered(reply),
        ...reply.sections.map(({ title }) => atMost('section title', title, LIMITS.label))
      ]
    case 'media':
      return [
        fetchable('media link', reply.link, LIMITS.link),
        atMost('caption', reply.caption, LIMITS.text)
      ]
    case 'template':
      return ['template: the web chat has none']
  }
}

function offered(reply: Extract<Reply, { kind: 'buttons' | 'list' }>): readonly Problem[] {
  const options = optionsOf(reply)
  return [
    measured('text', reply.text, LIMITS.text),
    atMost('header', reply.header, LIMITS.label),
    atMost('footer', reply.footer, LIMITS.label),
    measured('prompt instance', reply.instance, LIMITS.id),
    counted('options', options.length, 1, LIMITS.options),
    ...options.flatMap(optionProblems),
    unique(
      'option ids',
      options.map(({ id }) => id)
    )
  ]
}

function optionProblems({ id, label, description }: ReplyOption): readonly Problem[] {
  return [
    measured('option id', id, LIMITS.id),
    measured('option label', label, LIMITS.label),
    atMost('option description', description, LIMITS.label)
  ]
}
