import assert from 'node:assert/strict'
import { recordingHost } from '../recording-host.ts'
import { aChange, aPost, messages, statuses } from './a-post.ts'
import { aDoor, signedPost } from './a-webhook.ts'

describe('a status that the runtime sheds', () => {
  it('is asked for again with its post, for nothing else tells of it', async () => {
    const shed = { tag: 'shed', reason: 'CHP_STORE_UNAVAILABLE', retryAfterMs: 2_000 } as const
    const host = { ...recordingHost(), status: () => Promise.resolve(shed) }
    const post = aPost(aChange({ statuses: [statuses.delivered()], messages: [messages.text()] }))

    const { status, headers } = await aDoor(host).fetch(
      new Request('http://bot/', signedPost(post))
    )

    assert.deepEqual([status, headers.get('retry-after')], [503, '2'])
  })
})
