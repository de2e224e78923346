import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LIMITS, unfit } from '../../../lib/channel/whatsapp/unfit.ts'
import type { Reply, ReplyOption } from '../../../lib/conversation/reply.ts'

type Part<K extends Reply['kind']> = Partial<Extract<Reply, { kind: K }>>

const text = (text: string): Reply => ({ kind: 'text', text })
const option = (id: string, label = `Option ${id}`): ReplyOption => ({ id, label })
const options = (count: number, from = 0): ReplyOption[] =>
  Array.from({ length: count }, (_, index) => option(String(from + index)))
const buttons = (changes: Part<'buttons'>): Reply => ({
  kind: 'buttons',
  text: 'Sure?',
  instance: '1.2.0.abcdef',
  options: [option('yes'), option('no')],
  ...changes
})
const list = (changes: Part<'list'>): Reply => ({
  kind: 'list',
  text: 'Which?',
  instance: '1.2.0.abcdef',
  button: 'Choose',
  sections: [{ title: 'All', options: options(3) }],
  ...changes
})
const rows = (changes: Partial<ReplyOption>): Reply =>
  list({ sections: [{ title: 'All', options: [{ ...option('a'), ...changes }] }] })
const sections = (count: number, each: number): Reply =>
  list({
    sections: Array.from({ length: count }, (_, index) => ({
      title: `Section ${index}`,
      options: options(each, index * each)
    }))
  })
const media = (changes: Part<'media'>): Reply => ({
  kind: 'media',
  media: 'image',
  link: 'https://example.org/a.png',
  ...changes
})
const template = (changes: Part<'template'>): Reply => ({
  kind: 'template',
  name: 'invoice_ready',
  language: 'en_US',
  parameters: ['42'],
  ...changes
})
// Room for an option id, less the instance above and the bar.
const room = (max: number): number => max - '1.2.0.abcdef|'.length
const filled = (count: number): string => 'x'.repeat(count)

describe('unfit', () => {
  /** What fits at its limit, what does not one beyond, and what the refusal names. */
  const table: readonly (readonly [string, Reply, Reply, RegExp])[] = [
    ['text', text(filled(4096)), text(filled(4097)), /^text: 4097 characters, at most 4096/],
    ['emoji', text('😀'.repeat(2048)), text('😀'.repeat(2049)), /^text: 4098/],
    [
      'button body',
      buttons({ text: filled(1024) }),
      buttons({ text: filled(1025) }),
      /^button body: 1025 characters, at most 1024/
    ],
    ['list body', list({ text: filled(4096) }), list({ text: filled(4097) }), /^list body: .*4096/],
    ['header', list({ header: filled(60) }), list({ header: filled(61) }), /^header: .*60/],
    ['footer', buttons({ footer: filled(60) }), buttons({ footer: filled(61) }), /^footer: .*60/],
    ['buttons', buttons({ options: options(3) }), buttons({ options: options(4) }), /^buttons: 4/],
    [
      'button title',
      buttons({ options: [option('a', filled(20))] }),
      buttons({ options: [option('a', filled(21))] }),
      /^button title: 21 characters, at most 20/
    ],
    [
      'button id with its instance',
      buttons({ options: [option(filled(room(256)), 'a')] }),
      buttons({ options: [option(filled(room(257)), 'a')] }),
      /^button id with its instance: 257 characters, at most 256/
    ],
    ['list button', list({ button: filled(20) }), list({ button: filled(21) }), /^list button: 21/],
    ['sections', sections(10, 1), sections(11, 1), /^sections: 11/],
    ['rows over all sections', sections(2, 5), sections(2, 6), /^rows over all sections: 12/],
    [
      'section title',
      list({ sections: [{ title: filled(24), options: options(1) }] }),
      list({ sections: [{ title: filled(25), options: options(1) }] }),
      /^section title: 25/
    ],
    ['row title', rows({ label: filled(24) }), rows({ label: filled(25) }), /^row title: 25/],
    [
      'row id with its instance',
      rows({ id: filled(room(200)) }),
      rows({ id: filled(room(201)) }),
      /^row id with its instance: 201 characters, at most 200/
    ],
    [
      'row description',
      rows({ description: filled(72) }),
      rows({ description: filled(73) }),
      /^row description: 73 characters, at most 72/
    ],
    ['caption', media({ caption: filled(1024) }), media({ caption: filled(1025) }), /^caption: /],
    [
      'template parameter',
      template({ parameters: [filled(1024)] }),
      template({ parameters: [filled(1025)] }),
      /^template parameter: /
    ]
  ]
  for (const [part, fits, not, named] of table)
    it(`names ${part} and its limit beyond it, and not at it`, () => {
      assert.equal(unfit(fits), null)
      assert.match(unfit(not) ?? '', named)
    })

  const refused: readonly (readonly [string, Reply, RegExp])[] = [
    ['an empty text', text(''), /^text: empty/],
    ['a text of blanks', text(' \n'), /^text: empty/],
    ['no buttons', buttons({ options: [] }), /^buttons: 0/],
    ['a button without a title', buttons({ options: [option('a', '')] }), /^button title: empty/],
    [
      'two buttons of one title',
      buttons({ options: [option('a', 'Go'), option('b', 'Go ')] }),
      /^button titles: not all different/
    ],
    [
      'two buttons of one id',
      buttons({ options: [option('a', 'Go'), option('a', 'Stop')] }),
      /^button ids: not all different/
    ],
    ['an option without an id', buttons({ options: [option('', 'Go')] }), /^button id: empty/],
    ['an id with a blank at its end', buttons({ options: [option('a ', 'Go')] }), /^button id: /],
    ['an instance that holds a bar', buttons({ instance: '1|2' }), /separator/],
    ['a list without sections', list({ sections: [] }), /^sections: 0/],
    [
      'an empty section',
      list({ sections: [{ title: 'a', options: [] }] }),
      /^rows of a section: 0/
    ],
    [
      'two sections of which one has no title',
      list({
        sections: [
          { title: '', options: options(1) },
          { title: 'b', options: options(1, 1) }
        ]
      }),
      /^section title: empty/
    ],
    [
      'one id in two sections',
      list({
        sections: [
          { title: 'a', options: options(1) },
          { title: 'b', options: options(1) }
        ]
      }),
      /^row ids: not all different/
    ],
    ['a list without a button', list({ button: '' }), /^list button: empty/],
    ['an empty header', list({ header: '' }), /^header: empty/],
    ['an empty description', rows({ description: '' }), /^row description: empty/],
    ['a link to a file', media({ link: 'file:///etc/passwd' }), /^media link: /],
    ['a caption on audio', media({ media: 'audio', caption: 'x' }), /^caption: audio/],
    ['a template without a name', template({ name: '' }), /^template name: empty/]
  ]
  for (const [what, reply, named] of refused)
    it(`refuses ${what}`, () => {
      assert.match(unfit(reply) ?? '', named)
    })

  it('lets a single section go without a title', () => {
    assert.equal(unfit(list({ sections: [{ title: '', options: options(2) }] })), null)
  })

  it('never quotes the reply', () => {
    const secret = 'account 4711'
    const long = secret.repeat(500)

    for (const reply of [text(long), buttons({ header: long }), rows({ label: long })])
      assert.ok(!(unfit(reply) ?? '').includes(secret))
  })

  it('is strict: what it lets through has no more units and no more points than the limit', () => {
    const piece = fc.string({ unit: 'binary', minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(piece, fc.integer({ min: 1, max: 4_200 }), (piece, times) => {
        const said = piece.repeat(times)
        const fits = unfit(text(said)) === null
        const size = Math.max(said.length, Array.from(said).length)

        assert.equal(fits, said.trim() !== '' && size <= LIMITS.text)
      })
    )
  })
})
