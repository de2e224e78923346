import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeWebhook } from '../../../lib/channel/whatsapp/decode-webhook.ts'
import { Content } from '../../../lib/conversation/content.ts'
import { aChange, aPost, messages, PHONE_NUMBER_ID, statuses } from './a-post.ts'

type Path = readonly (string | number)[]

const real = aPost(
  aChange({
    messages: [
      messages.text(),
      messages.button(),
      messages.list(),
      messages.quickReply(),
      messages.image(),
      messages.location(),
      messages.reaction(),
      messages.unsupported(),
      messages.named()
    ]
  }),
  aChange({ statuses: [statuses.delivered(), statuses.failed()] })
)
const partsMax = 9 + 2

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 0, -0, Infinity, 2 ** 53, true, [], {}, [[]]),
  fc.constantFrom('\0', '\u2028', '\u202e', '\ud83d', '__proto__', 'x'.repeat(20_000)),
  fc.jsonValue({ maxDepth: 3 })
)
const deed = fc.oneof(
  odd.map(value => ({ tag: 'put' as const, value })),
  fc.constant({ tag: 'remove' as const }),
  fc.constant({ tag: 'double' as const }),
  fc.constantFrom('__proto__', 'constructor', 'type').map(key => ({ tag: 'name' as const, key }))
)
const mutations = fc.array(fc.record({ at: fc.nat(), deed }), { minLength: 1, maxLength: 6 })

describe('decodeWebhook on mutated real posts', () => {
  it('never throws, gives decodable contents only, loses no part uncounted (B21)', () => {
    fc.assert(
      fc.property(mutations, list => {
        const post = decodeWebhook(mutated(list), PHONE_NUMBER_ID)

        assert.ok(post.heard.every(({ content }) => Content.is(content)))
        assert.ok(post.heard.every(({ id, address }) => id !== '' && address.user !== ''))
        assert.ok(post.skipped >= post.foreign)
      }),
      { seed: 20_261_120, numRuns: 1_000 }
    )
  })

  it('hears every part of a change that it did not skip', () => {
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 5 }), strange => {
        const list = [messages.text('first'), ...strange, messages.text('last')]

        const post = decodeWebhook(aPost(aChange({ messages: list })), PHONE_NUMBER_ID)

        assert.equal(post.heard.length + post.skipped, list.length)
        assert.equal(post.heard.at(0)?.id, 'first')
        assert.equal(post.heard.at(-1)?.id, 'last')
      }),
      { seed: 20_261_121, numRuns: 300 }
    )
  })

  it('hears the same again when nothing was changed', () => {
    const post = decodeWebhook(structuredClone(real), PHONE_NUMBER_ID)

    assert.equal(post.heard.length + post.statuses.length, partsMax)
    assert.equal(post.skipped, 0)
  })
})

type Deed =
  | { tag: 'put'; value: unknown }
  | { tag: 'remove' }
  | { tag: 'double' }
  | { tag: 'name'; key: string }

function mutated(list: readonly { at: number; deed: Deed }[]): unknown {
  let json: unknown = structuredClone(real)
  for (const { at, deed } of list) {
    const paths = pathsOf(json)
    const path = paths[at % Math.max(1, paths.length)]
    json = path === undefined ? deed : changed(json, path, deed)
  }
  return json
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))
  return [path, ...inner]
}

function changed(value: unknown, path: Path, deed: Deed): unknown {
  const [key, ...rest] = path
  if (key === undefined) return applied(value, deed)
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const fields = copy as Record<string, unknown>
  if (rest.length === 0 && deed.tag === 'remove') delete fields[key]
  else fields[key] = changed(fields[key], rest, deed)
  return copy
}

function applied(value: unknown, deed: Deed): unknown {
  switch (deed.tag) {
    case 'put':
      return deed.value
    case 'double':
      return [value, value]
    case 'name':
      // Own keys, as JSON.parse makes them.
      return Object.defineProperty({ inner: value }, deed.key, { value, enumerable: true })
    case 'remove':
      return undefined
  }
}
