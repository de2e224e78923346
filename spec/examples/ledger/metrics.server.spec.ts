import assert from 'node:assert/strict'
import { type BotHouse, botHouse } from '../../support/bot-server.ts'
import { whatsAppMember } from '../../support/whatsapp-member.ts'

const ALICE = '15550001001'
const TOKEN = 'the token of the scrape'
const BEARER = { authorization: `Bearer ${TOKEN}` }

describe('the metrics of the bot server', function () {
  this.timeout(30_000)
  let house: BotHouse | undefined
  afterEach(() => house?.end())

  const started = async (env: Readonly<Record<string, string>>): Promise<BotHouse> => {
    house = await botHouse({ env })
    return house
  }
  const scraped = async (headers = {}): Promise<Response> =>
    fetch(`${house?.url}/metrics`, { headers })

  it('are not served unless it is asked for', async () => {
    await started({})

    assert.equal((await scraped()).status, 404)
  })

  it('count what members do, hold nothing of them, and let it end as ever', async () => {
    const { server, client } = await started({ METRICS: 'on' })
    const alice = whatsAppMember(house!, ALICE)
    await alice.say('hi')
    await alice.hears(/Hello Alice/)
    await client.once(alice.message('canary-77c1'))

    const answer = await scraped()
    const text = await answer.text()

    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    for (const line of [
      /^chaperone_webhook_posts_total\{channel="whatsapp",status="200"\} [1-9]/m,
      /^chaperone_turns_total\{event="Inbound",flow="menu",outcome="committed"\} [1-9]/m,
      /^chaperone_call_attempts_total\{call="login",what="run",outcome="answered"\} 1$/m,
      /^chaperone_info\{build="ledger\/\d+",store="lmdb",durability="[^"]+"\} 1$/m,
      /^process_resident_memory_bytes [1-9]/m
    ])
      assert.ok(line.test(text), `nothing as ${line} in:\n${shown(text)}`)
    for (const word of [ALICE, 'canary-77c1', 'Alice']) assert.ok(!text.includes(word), word)
    assert.match(house?.written() ?? '', /"event":"metrics\.open"/)
    assert.equal(await server.end('SIGTERM'), 0)
  })

  it('are told only to who bears the token, where there is one', async () => {
    const guarded = await started({ METRICS: 'on', METRICS_TOKEN: TOKEN })

    assert.equal((await scraped()).status, 401)
    assert.equal((await scraped({ authorization: `Bearer ${TOKEN}.` })).status, 401)
    assert.equal((await scraped(BEARER)).status, 200)
    assert.doesNotMatch(guarded.written(), new RegExp(`metrics\\.open|${TOKEN}`))
  })
})

/** What there is to look at when a line is missing. */
function shown(text: string): string {
  return text
    .split('\n')
    .filter(line => /^(chaperone_|process_)/.test(line) && !/_bucket| 0$/.test(line))
    .join('\n')
}
