import assert from 'node:assert/strict'
import { decodeWebhook } from '../../../lib/channel/whatsapp/decode-webhook.ts'
import { aChange, aPost, messages, PHONE_NUMBER_ID, statuses } from './a-post.ts'

const decode = (json: unknown) => decodeWebhook(json, PHONE_NUMBER_ID)
const address = { channel: 'whatsapp', account: PHONE_NUMBER_ID, user: '16505551234' }

describe('decodeWebhook: what a message says', () => {
  const image = { kind: 'media', media: 'image', ref: '2754859441498128' } as const
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    ['a text', messages.text('m', 'hi'), { kind: 'text', text: 'hi' }],
    ['an empty text', messages.text('m', ''), { kind: 'text', text: '' }],
    [
      'a button of ours',
      messages.button(),
      { kind: 'choice', instance: '1.2.0.abc', option: 'yes' }
    ],
    [
      'a list row whose option holds a bar',
      messages.list(),
      { kind: 'choice', instance: '1.2.0.abc', option: 'row|7' }
    ],
    [
      'a template quick reply of another make',
      messages.quickReply(),
      { kind: 'choice', instance: '', option: 'Unsubscribe' }
    ],
    [
      'a template quick reply of ours',
      messages.quickReply('m', '1.1.0.z|stop'),
      { kind: 'choice', instance: '1.1.0.z', option: 'stop' }
    ],
    ['an image', messages.image(), { ...image, mimeType: 'image/jpeg', caption: 'Look' }],
    ['a location', messages.location(), { kind: 'location', latitude: 37.48, longitude: -122.15 }],
    ['a reaction', messages.reaction(), { kind: 'unsupported', what: 'reaction' }],
    ['unsupported', messages.unsupported(), { kind: 'unsupported', what: 'unsupported' }],
    [
      'a form answer',
      { ...messages.text(), type: 'interactive', interactive: { type: 'nfm_reply' } },
      { kind: 'unsupported', what: 'interactive' }
    ],
    [
      'a type named like a built-in',
      { ...messages.text(), type: 'constructor' },
      { kind: 'unsupported', what: 'constructor' }
    ],
    [
      'a text far beyond what the service allows',
      messages.text('m', 'x'.repeat(20_000)),
      { kind: 'unsupported', what: 'text' }
    ]
  ]
  for (const [what, message, content] of cases)
    it(`reads ${what}`, () => {
      const post = decode(aPost(aChange({ messages: [message] })))

      assert.deepEqual(
        post.heard.map(({ content }) => content),
        [content]
      )
      assert.equal(post.skipped, 0)
    })

  for (const media of ['audio', 'video', 'document', 'sticker'])
    it(`reads ${media} as a reference, never as bytes`, () => {
      const message = { ...messages.text(), type: media, [media]: { id: '77', url: 'https://x' } }

      const { heard } = decode(aPost(aChange({ messages: [message] })))

      assert.deepEqual(heard[0]?.content, { kind: 'media', media, ref: '77' })
    })
})

describe('decodeWebhook: who says it', () => {
  it('names number, account and message id', () => {
    const { heard } = decode(aPost(aChange({ messages: [messages.text('wamid.1')] })))

    assert.deepEqual(heard[0]?.address, address)
    assert.equal(heard[0]?.id, 'wamid.1')
  })

  it('takes the user id where there is no number', () => {
    const { heard } = decode(aPost(aChange({ messages: [messages.named()] })))

    assert.deepEqual(heard[0]?.address, { ...address, user: 'US.13491208655302741918' })
  })

  it('prefers the number where there are both', () => {
    const both = { ...messages.named(), from: '16505551234' }

    const { heard } = decode(aPost(aChange({ messages: [both] })))

    assert.equal(heard[0]?.address.user, '16505551234')
  })

  it('ignores and counts what is for another number of ours', () => {
    const foreign = aChange({ messages: [messages.text()], statuses: [statuses.failed()] }, '999')
    const post = decode(aPost(foreign, aChange({ messages: [messages.text('mine')] })))

    assert.deepEqual(
      post.heard.map(({ id }) => id),
      ['mine']
    )
    assert.equal(post.foreign, 2)
    assert.equal(post.skipped, 2)
    assert.deepEqual(post.statuses, [])
  })
})

describe('decodeWebhook: a post of many parts', () => {
  it('keeps the order of entries, changes and messages', () => {
    const two = (one: string, other: string) =>
      aChange({ messages: [messages.text(one), messages.text(other)] })
    const json = {
      entry: [{ changes: [two('1', '2'), two('3', '4')] }, { changes: [two('5', '6')] }]
    }

    assert.deepEqual(
      decode(json).heard.map(({ id }) => id),
      ['1', '2', '3', '4', '5', '6']
    )
  })

  it('reads statuses with the code of the first error', () => {
    const post = decode(aPost(aChange({ statuses: [statuses.delivered(), statuses.failed()] })))

    assert.deepEqual(post.statuses, [
      { address, providerId: 'wamid.sent', status: 'delivered', code: null },
      {
        address: { ...address, user: 'US.13491208655302741918' },
        providerId: 'wamid.sent',
        status: 'failed',
        code: '131049'
      }
    ])
  })

  const malformed: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a text', 'message'],
    ['a list', []],
    ['no id', { ...messages.text(), id: undefined }],
    ['an id that is a number', { ...messages.text(), id: 7 }],
    ['an endless id', { ...messages.text(), id: 'x'.repeat(513) }],
    ['no type', { ...messages.text(), type: undefined }],
    ['no sender', { ...messages.text(), from: undefined }],
    ['a text without a body', { ...messages.text(), text: {} }],
    ['a body that is no text', { ...messages.text(), text: { body: { a: 1 } } }],
    ['a tap without an id', { ...messages.button(), interactive: { type: 'button_reply' } }],
    ['an image without an id', { ...messages.image(), image: { caption: 'x' } }],
    ['a place beyond numbers', { ...messages.location(), location: { latitude: Infinity } }]
  ]
  for (const [what, part] of malformed)
    it(`skips and counts a message that is malformed (${what}), not its neighbours`, () => {
      const list = [messages.text('before'), part, messages.text('after')]

      const post = decode(aPost(aChange({ messages: list, statuses: [part, statuses.failed()] })))

      assert.deepEqual(
        post.heard.map(({ id }) => id),
        ['before', 'after']
      )
      assert.equal(post.statuses.length, 1)
      assert.equal(post.skipped, 2)
    })

  const shapes: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a number', 7],
    ['a list', [1, 2]],
    ['no entry', {}],
    ['an entry that is no list', { entry: { 0: 1 } }],
    ['an entry of nothing', { entry: [null] }],
    ['a change of nothing', { entry: [{ changes: [null] }] }],
    ['messages that are no list', aPost(aChange({ messages: 'x' as unknown as unknown[] }))],
    ['a change without a number', aPost({ value: { messages: [messages.text()] } })]
  ]
  for (const [what, json] of shapes)
    it(`hears nothing in a body of another shape (${what})`, () => {
      const post = decode(json)

      assert.deepEqual([post.heard, post.statuses], [[], []])
      assert.equal(post.skipped, 1)
    })

  it('passes over news that are not messages', () => {
    const news = { field: 'message_template_status_update', value: { event: 'APPROVED' } }
    const aside = { ...statuses.delivered(), status: 'warning' }

    const post = decode(aPost(news, aChange({ statuses: [aside] })))

    assert.deepEqual(post, { heard: [], statuses: [], skipped: 0, foreign: 0 })
  })

  it('is untouched by keys that name a prototype', () => {
    const text = JSON.stringify(aPost(aChange({ messages: [messages.text('m', 'hi')] })))
    const hostile = text
      .replaceAll('"field"', '"__proto__":{"polluted":1},"constructor":{"prototype":1},"field"')
      .replaceAll('"timestamp"', '"__proto__":{"type":"image","id":"z"},"prototype":7,"timestamp"')

    const { heard } = decode(JSON.parse(hostile))

    assert.deepEqual(heard, [{ address, id: 'm', content: { kind: 'text', text: 'hi' } }])
    assert.equal(({} as { polluted?: number }).polluted, undefined)
  })
})
