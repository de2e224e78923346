import assert from 'node:assert/strict'
import { whatsapp } from '../../../lib/channel/whatsapp/whatsapp.ts'
import { ChaperoneError } from '../../../lib/kernel/failure.ts'
import { recordingHost } from '../recording-host.ts'
import { PHONE_NUMBER_ID } from './a-post.ts'
import { settings } from './a-webhook.ts'

describe('whatsapp()', () => {
  const wrong: readonly (readonly [string, object])[] = [
    ['an empty app secret', { appSecret: '' }],
    ['an empty one of two app secrets', { appSecret: ['new', ' '] }],
    ['no app secret', { appSecret: [] }],
    ['three app secrets', { appSecret: ['a', 'b', 'c'] }],
    ['an empty verify token', { verifyToken: '' }],
    ['an empty access token', { accessToken: '' }],
    ['an empty phone number id', { phoneNumberId: '' }],
    ['an address that is none', { apiUrl: 'graph.facebook.com' }],
    ['an address of a file', { apiUrl: 'file:///etc' }]
  ]
  for (const [what, changes] of wrong)
    it(`refuses ${what} and says which setting`, () => {
      const [name] = Object.keys(changes)

      assert.throws(
        () => whatsapp({ ...settings, ...changes }),
        (error: unknown) =>
          error instanceof ChaperoneError &&
          error.failure.code === 'CHP_SETTING_INVALID' &&
          error.failure.detail.includes(name ?? '')
      )
    })

  it('verifies no address without a verify token', async () => {
    const bare = { appSecret: 'a', accessToken: 'b', phoneNumberId: PHONE_NUMBER_ID }
    const door = whatsapp(bare).mount(recordingHost())
    const url = 'http://bot/x?hub.mode=subscribe&hub.verify_token=&hub.challenge=1'

    assert.equal((await door.fetch(new Request(url))).status, 403)
  })
})
