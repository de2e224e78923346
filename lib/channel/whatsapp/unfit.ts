import { optionsOf, type Reply, type ReplyOption } from '../../conversation/reply.ts'
import { counted, fetchable, firstOf, measured, type Problem, unique } from '../problem.ts'
import { optionId } from './encode-reply.ts'

/**
 * The documented limits of the Cloud API. Lengths are in UTF-16 units: the service counts an emoji
 * as one or as several, and never as more than these.
 */
export const LIMITS = {
  text: 4096,
  buttonsBody: 1024,
  listBody: 4096,
  header: 60,
  footer: 60,
  buttons: 3,
  buttonTitle: 20,
  buttonId: 256,
  listButton: 20,
  sections: 10,
  sectionTitle: 24,
  rows: 10,
  rowTitle: 24,
  rowId: 200,
  rowDescription: 72,
  caption: 1024,
  link: 2048,
  templateName: 512,
  templateParameters: 32,
  templateParameter: 1024
} as const

/** Why the Cloud API would refuse this reply: the part and its limit; null when it would not. */
export function unfit(reply: Reply): string | null {
  return firstOf(problemsOf(reply))
}

function problemsOf(reply: Reply): readonly Problem[] {
  switch (reply.kind) {
    case 'text': {
      const { closed } = reply
      const instead = closed === undefined ? [] : templateProblems(closed)
      return [measured('text', reply.text, LIMITS.text), ...instead]
    }
    case 'buttons':
      return buttonsProblems(reply)
    case 'list':
      return listProblems(reply)
    case 'media':
      return mediaProblems(reply)
    case 'template':
      return templateProblems(reply)
  }
}

function templateProblems({
  name,
  language,
  parameters
}: Omit<Extract<Reply, { kind: 'template' }>, 'kind'>): readonly Problem[] {
  return [
    measured('template name', name, LIMITS.templateName),
    measured('template language', language, 16),
    counted('template parameters', parameters.length, 0, LIMITS.templateParameters),
    ...parameters.map(text => measured('template parameter', text, LIMITS.templateParameter))
  ]
}

function buttonsProblems(reply: Extract<Reply, { kind: 'buttons' }>): readonly Problem[] {
  const { text, header, footer, instance, options } = reply
  return [
    measured('button body', text, LIMITS.buttonsBody),
    ...framed(header, footer),
    counted('buttons', options.length, 1, LIMITS.buttons),
    ...options.map(({ label }) => measured('button title', label, LIMITS.buttonTitle)),
    unique(
      'button titles',
      options.map(({ label }) => label.trim())
    ),
    ...ids('button id', instance, options, LIMITS.buttonId)
  ]
}

function listProblems(reply: Extract<Reply, { kind: 'list' }>): readonly Problem[] {
  const { text, header, footer, instance, button, sections } = reply
  const rows = optionsOf(reply)
  return [
    measured('list body', text, LIMITS.listBody),
    ...framed(header, footer),
    measured('list button', button, LIMITS.listButton),
    counted('sections', sections.length, 1, LIMITS.sections),
    // A single section may go without a title.
    ...sections.map(({ title }) =>
      title === '' && sections.length === 1
        ? null
        : measured('section title', title, LIMITS.sectionTitle)
    ),
    ...sections.map(({ options }) => counted('rows of a section', options.length, 1, LIMITS.rows)),
    counted('rows over all sections', rows.length, 1, LIMITS.rows),
    ...rows.map(({ label }) => measured('row title', label, LIMITS.rowTitle)),
    ...rows.map(({ description }) =>
      description === undefined
        ? null
        : measured('row description', description, LIMITS.rowDescription)
    ),
    ...ids('row id', instance, rows, LIMITS.rowId)
  ]
}

function mediaProblems({ media, link, caption }: Extract<Reply, { kind: 'media' }>): Problem[] {
  return [
    fetchable('media link', link, LIMITS.link),
    caption === undefined ? null : measured('caption', caption, LIMITS.caption),
    caption !== undefined && media === 'audio' ? 'caption: audio takes none' : null
  ]
}

function framed(header: string | undefined, footer: string | undefined): readonly Problem[] {
  return [
    header === undefined ? null : measured('header', header, LIMITS.header),
    footer === undefined ? null : measured('footer', footer, LIMITS.footer)
  ]
}

function ids(
  part: string,
  instance: string,
  options: readonly ReplyOption[],
  max: number
): readonly Problem[] {
  const bar = instance.includes('|') ? `${part}: its instance holds the separator |` : null
  return [
    bar,
    ...options.map(({ id }) =>
      id === '' || id !== id.trim() ? `${part}: empty, or with blanks at an end` : null
    ),
    ...options.map(option =>
      measured(`${part} with its instance`, optionId(instance, option), max)
    ),
    unique(
      `${part}s`,
      options.map(({ id }) => id)
    )
  ]
}
