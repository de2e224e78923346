import assert from 'node:assert/strict'
import { recordingHost } from '../recording-host.ts'
import { aChange, aPost, messages } from './a-post.ts'
import { aDoor, rawPost, signedPost } from './a-webhook.ts'

const URL = 'http://bot/webhooks/whatsapp'
const post = signedPost(aPost(aChange({ messages: [messages.text()] })))

describe('the webhook', () => {
  it('tells its host how it answered each post', async () => {
    const answers: string[] = []
    const answered = (channel: string, status: number) => answers.push(`${channel} ${status}`)
    const door = aDoor({ ...recordingHost(), answered })
    const full = aDoor({
      ...recordingHost(),
      answered,
      receive: async () => ({ tag: 'shed', reason: 'mailbox full', retryAfterMs: 1 })
    })

    await door.fetch(new Request(URL, post))
    await door.fetch(new Request(URL, { ...post, headers: {} }))
    await door.fetch(new Request(URL, rawPost(Buffer.from('no json'))))
    await full.fetch(new Request(URL, post))
    await door.fetch(new Request(URL))

    assert.deepEqual(answers, ['whatsapp 200', 'whatsapp 401', 'whatsapp 400', 'whatsapp 503'])
  })
})
