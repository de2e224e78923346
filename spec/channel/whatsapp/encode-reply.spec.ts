import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeContent } from '../../../lib/channel/whatsapp/decode-content.ts'
import { encodeReply, optionId } from '../../../lib/channel/whatsapp/encode-reply.ts'
import type { Reply } from '../../../lib/conversation/reply.ts'

const to = '16505551234'
const head = { messaging_product: 'whatsapp', recipient_type: 'individual', to }
const instance = '1.2.0.abc'

describe('encodeReply', () => {
  const table: readonly (readonly [string, Reply, object])[] = [
    ['a text', { kind: 'text', text: 'Hé 👋' }, { type: 'text', text: { body: 'Hé 👋' } }],
    [
      'buttons',
      {
        kind: 'buttons',
        text: 'Sure?',
        header: 'Offer',
        footer: 'No fee',
        instance,
        options: [
          { id: 'yes', label: 'Yes', description: 'not shown on buttons' },
          { id: 'no', label: 'No' }
        ]
      },
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          header: { type: 'text', text: 'Offer' },
          body: { text: 'Sure?' },
          footer: { text: 'No fee' },
          action: {
            buttons: [
              { type: 'reply', reply: { id: '1.2.0.abc|yes', title: 'Yes' } },
              { type: 'reply', reply: { id: '1.2.0.abc|no', title: 'No' } }
            ]
          }
        }
      }
    ],
    [
      'a list',
      {
        kind: 'list',
        text: 'Which?',
        instance,
        button: 'Choose',
        sections: [
          { title: '', options: [{ id: 'a', label: 'A', description: 'first' }] },
          { title: 'More', options: [{ id: 'b', label: 'B' }] }
        ]
      },
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'Which?' },
          action: {
            button: 'Choose',
            sections: [
              { rows: [{ id: '1.2.0.abc|a', title: 'A', description: 'first' }] },
              { title: 'More', rows: [{ id: '1.2.0.abc|b', title: 'B' }] }
            ]
          }
        }
      }
    ],
    [
      'media by link',
      { kind: 'media', media: 'document', link: 'https://example.org/a.pdf', caption: 'Invoice' },
      { type: 'document', document: { link: 'https://example.org/a.pdf', caption: 'Invoice' } }
    ],
    [
      'a template',
      { kind: 'template', name: 'ready', language: 'en_US', parameters: ['42', 'USD'] },
      {
        type: 'template',
        template: {
          name: 'ready',
          language: { code: 'en_US' },
          components: [
            {
              type: 'body',
              parameters: [
                { type: 'text', text: '42' },
                { type: 'text', text: 'USD' }
              ]
            }
          ]
        }
      }
    ],
    [
      'a template without parameters',
      { kind: 'template', name: 'ready', language: 'en', parameters: [] },
      { type: 'template', template: { name: 'ready', language: { code: 'en' } } }
    ]
  ]
  for (const [what, reply, encoded] of table)
    it(`writes ${what}`, () => {
      assert.deepEqual(encodeReply(to, reply), { ...head, ...encoded })
    })

  it('writes a user id where a user id belongs, for in `to` it would be taken for a number', () => {
    for (const user of ['US.13491208655302741918', 'GB.ENT.11815799212886844830']) {
      const encoded = encodeReply(user, { kind: 'text', text: 'hi' })

      assert.equal(encoded['recipient'], user)
      assert.ok(!('to' in encoded))
    }
  })

  it('leaves out a note, which is for the runtime only', () => {
    const reply: Reply = { kind: 'text', text: 'wait', note: 'progress' }

    assert.ok(!JSON.stringify(encodeReply(to, reply)).includes('progress'))
  })

  it('gives options an id that a tap brings back as instance and option', () => {
    const bare = fc.string({ minLength: 1, maxLength: 60 }).filter(text => !text.includes('|'))
    fc.assert(
      fc.property(bare, fc.string({ minLength: 1, maxLength: 60 }), (instance, id) => {
        const tap = {
          type: 'button_reply',
          button_reply: { id: optionId(instance, { id, label: '' }) }
        }

        assert.deepEqual(decodeContent('interactive', { interactive: tap }), {
          kind: 'choice',
          instance,
          option: id
        })
      })
    )
  })
})
