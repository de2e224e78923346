import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildProgram, sourceOf, startProgram } from '../../support/child-program.ts'
import { startRedis } from '../../support/redis-server.ts'

const MAIN = sourceOf('examples/ledger/main.ts')
const EXIT_CONFIG = 78

describe('settings of the bot server', () => {
  let directory: string
  let server: ChildProgram | undefined
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chaperone-settings-'))
  })
  afterEach(async () => {
    await server?.end('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  })

  const start = (env: Readonly<Record<string, string>>) => {
    server = startProgram(MAIN, { PORT: '0', DATA_DIR: join(directory, 'data'), ...env })
    return server
  }
  const secret = { WHATSAPP_APP_SECRET: 'hush' }
  const whole = { ...secret, WHATSAPP_ACCESS_TOKEN: 'token', WHATSAPP_PHONE_NUMBER_ID: '1' }

  const wrong: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    ['PORT', { PORT: 'eighty' }, /"eighty" is no port; use a number from 0 to 65535/],
    ['PORT', { PORT: '65536' }, /"65536" is no port/],
    ['REDIS_URL', { REDIS_URL: 'localhost:6379' }, /cannot be read; use .* redis:\/\//],
    ['REDIS_SENTINELS', { REDIS_SENTINELS: 'redis://a,b' }, /list cannot be read; use .*:26379/],
    ['REDIS_CLUSTER', { REDIS_CLUSTER: 'a:1,b:2' }, /list cannot be read; use addresses with comm/],
    ['REDIS_MASTER', { REDIS_SENTINELS: 'redis://a' }, /not set .*; set the name/],
    ['REDIS_MASTER', { REDIS_MASTER: 'chat' }, /REDIS_SENTINELS is not; set the addresses/],
    [
      'REDIS_CLUSTER',
      { REDIS_CLUSTER: 'redis://a', REDIS_URL: 'redis://b' },
      /although REDIS_URL is; set only one of/
    ],
    ['DURABILITY', { DURABILITY: 'always' }, /no level of the embedded store.*; use embedded/],
    [
      'DURABILITY',
      { DURABILITY: 'embedded', REDIS_URL: 'redis://127.0.0.1' },
      /no level of Redis; use everysec or always or replicated/
    ],
    ['LEDGER_URL', { LEDGER_URL: 'ftp://ledger' }, /cannot be read; use .* http:\/\//],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, /"loud" is no level; use one of trace, debug/],
    ['LEDGER_CONTROL', { LEDGER_CONTROL: 'maybe' }, /neither on nor off; use on or off/],
    ['METRICS', { METRICS: 'yes' }, /neither on nor off; use on or off/],
    ['METRICS_TOKEN', { METRICS_TOKEN: 'x' }, /although METRICS is off; set METRICS to on/],
    ['INSTANCE', { INSTANCE: 'a b' }, /other characters; use up to 64/],
    ['WHATSAPP_API_URL', { ...whole, WHATSAPP_API_URL: 'graph' }, /cannot be read; use/],
    ['WHATSAPP_ACCESS_TOKEN', { ...secret, WHATSAPP_PHONE_NUMBER_ID: '1' }, /not set .*; set/],
    ['WHATSAPP_PHONE_NUMBER_ID', { ...secret, WHATSAPP_ACCESS_TOKEN: 'x' }, /not set .*; set/],
    [
      'SUPERVISION_POLICY',
      { SUPERVISION_POLICY: '/nowhere.yaml' },
      /nowhere\.yaml.*cannot be read; mend/
    ]
  ]
  for (const [name, env, says] of wrong)
    it(`that are wrong end it with 78 and say why: ${JSON.stringify(env)}`, async () => {
      const { ended, written } = start(env)

      assert.equal(await ended, EXIT_CONFIG)
      const line = written()
        .split('\n')
        .find(text => text.startsWith(`${name}: `))
      assert.match(line ?? `no line for ${name} in: ${written()}`, says)
      assert.doesNotMatch(written(), /"event":"(ledger\.)?listening"/)
      assert.deepEqual(readdirSync(directory), [])
    })

  it('that are wrong are all named at once, secrets never', async () => {
    const { ended, written } = start({
      ...secret,
      PORT: 'x',
      LOG_LEVEL: 'y',
      REDIS_URL: 'http://u:hunter2@h'
    })

    assert.equal(await ended, EXIT_CONFIG)
    for (const name of ['PORT', 'LOG_LEVEL', 'REDIS_URL', 'WHATSAPP_ACCESS_TOKEN'])
      assert.ok(written().includes(`${name}: `), name)
    assert.doesNotMatch(written(), /hunter2|hush/)
  })

  it('that name a data directory which is a file end it with 78', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    const { ended, written } = start({ DATA_DIR: join(file, 'data') })

    assert.equal(await ended, EXIT_CONFIG)
    assert.match(written(), /^DATA_DIR: .*; /m)
    assert.doesNotMatch(written(), /"event":"(ledger\.)?listening"/)
  })

  it('that name a policy with an unknown field end it with 78 and name the field', async () => {
    const policy = join(directory, 'policy.yaml')
    writeFileSync(policy, 'restarts: 3\nbackof: { initialMs: 50, maxMs: 1000, factor: 2 }\n')
    const { ended, written } = start({ SUPERVISION_POLICY: policy })

    assert.equal(await ended, EXIT_CONFIG)
    assert.match(written(), /^SUPERVISION_POLICY: .*backof/m)
  })

  it('that name a policy are followed: a wrong edit is refused, a good one holds', async () => {
    const policy = join(directory, 'edited.yaml')
    writeFileSync(policy, 'restarts: 3\n')
    const program = start({ SUPERVISION_POLICY: policy })
    await program.event('listening')

    writeFileSync(policy, 'restarts: 3\nrules:\n  - do: restrat\n')
    const { code, detail } = await program.event('policy.refused')
    writeFileSync(policy, 'rules:\n  - do: hold\n')
    const { rules } = await program.event('policy.changed')

    assert.equal(code, 'CHP_POLICY_INVALID')
    assert.ok(String(detail).includes(`${policy}:3: rules: 0: do: `), String(detail))
    assert.equal(rules, 1)
    assert.equal(await program.end('SIGTERM'), 0)
  })

  it('that name a Redis which is not there end it with 1, and nothing listens', async () => {
    const { ended, written } = start({ REDIS_URL: 'redis://127.0.0.1:1' })

    assert.equal(await ended, 1)
    assert.match(written(), /^REDIS_URL: Redis at 127\.0\.0\.1:1 .*; start that server/m)
    assert.doesNotMatch(written(), /"event":"listening"/)
  })

  it('that name a level which Redis does not fulfil end it with 78', async () => {
    const redis = await startRedis({ appendonly: 'yes' })
    try {
      const { ended, written } = start({ REDIS_URL: redis.url, DURABILITY: 'always' })

      assert.equal(await ended, EXIT_CONFIG)
      assert.match(written(), /CHP_STORE_UNFIT: .*appendfsync always, and it is everysec/)
      assert.doesNotMatch(written(), /"event":"listening"/)
    } finally {
      await redis.stop()
    }
  })

  it('that name a level which Redis fulfils have it told at the start', async () => {
    const redis = await startRedis({ appendonly: 'yes' })
    try {
      const bot = start({ REDIS_URL: redis.url, DURABILITY: 'everysec' })

      assert.equal((await bot.event('runtime.started'))['durability'], 'everysec')
      await bot.end('SIGTERM')
    } finally {
      await redis.stop()
    }
  })

  it('that name a port in use end it with 1 and name the port', async () => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    try {
      const { ended, written } = start({ PORT: String(port) })

      assert.equal(await ended, 1)
      assert.match(written(), new RegExp(`^PORT: ${port} .*; `, 'm'))
    } finally {
      await new Promise(resolve => other.close(resolve))
    }
  })

  it('without an app secret leave the web chat on and refuse every webhook post', async () => {
    const bot = start({})
    const url = String((await bot.event('listening'))['url'])

    const page = await fetch(url)
    const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    const posted = await fetch(`${url}/webhooks/whatsapp`, init)
    const verified = await fetch(`${url}/webhooks/whatsapp?hub.mode=subscribe`)

    assert.deepEqual([page.status, posted.status, verified.status], [200, 503, 503])
    assert.match(await page.text(), /<input/)
    const why = bot.log.find(({ event }) => event === 'whatsapp.off')
    assert.match(String(why?.['msg']), /WHATSAPP_APP_SECRET is not set/)
  })

  it('that are empty count as unset', async () => {
    const bot = start({ REDIS_URL: '', WHATSAPP_APP_SECRET: '', LEDGER_URL: '', LOG_LEVEL: '' })

    assert.ok((await bot.event('listening'))['url'])
  })
})
