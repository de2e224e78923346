import assert from 'node:assert/strict'
import { unfit } from '../../../lib/channel/webchat/unfit.ts'
import type { Reply, ReplyOption } from '../../../lib/conversation/reply.ts'

const options = (count: number): ReplyOption[] =>
  Array.from({ length: count }, (_, index) => ({ id: `o${index}`, label: `Option ${index}` }))
const buttons = (offered: ReplyOption[]): Reply => ({
  kind: 'buttons',
  text: 'Which?',
  instance: '1.2.0.x',
  options: offered
})
const list = (offered: ReplyOption[]): Reply => ({
  kind: 'list',
  text: 'Which?',
  instance: '1.2.0.x',
  button: 'Choose',
  sections: [{ title: '', options: offered }]
})
const media = (link: string): Reply => ({ kind: 'media', media: 'image', link })

describe('unfit for the web chat', () => {
  const fits: readonly (readonly [string, Reply])[] = [
    ['a text of 8,192 characters', { kind: 'text', text: 'x'.repeat(8_192) }],
    ['thirty buttons', buttons(options(30))],
    ['thirty rows', list(options(30))],
    ['an image', media('https://example.org/a.png')]
  ]
  for (const [what, reply] of fits)
    it(`takes ${what}`, () => {
      assert.equal(unfit(reply), null)
    })

  const refused: readonly (readonly [string, Reply, RegExp])[] = [
    ['an empty text', { kind: 'text', text: ' ' }, /^text: empty/],
    ['a longer text', { kind: 'text', text: 'x'.repeat(8_193) }, /^text: 8193 .* at most 8192/],
    ['no option', buttons([]), /^options: 0/],
    ['thirty-one options', list(options(31)), /^options: 31/],
    ['an option without a label', buttons([{ id: 'a', label: '' }]), /^option label: empty/],
    ['an option without an id', buttons([{ id: '', label: 'A' }]), /^option id: empty/],
    [
      'two options of one id',
      buttons([...options(2), { id: 'o1', label: 'Again' }]),
      /^option ids: not all different/
    ],
    ['a link that is a script', media('javascript:alert(1)'), /^media link: not an http/],
    [
      'a template',
      { kind: 'template', name: 'a', language: 'en', parameters: [] },
      /^template: the web chat has none/
    ]
  ]
  for (const [what, reply, named] of refused)
    it(`refuses ${what}`, () => {
      assert.match(unfit(reply) ?? '', named)
    })
})
