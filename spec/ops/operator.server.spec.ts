import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openOperator } from '../../lib/ops/operator.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { PHONE_NUMBER_ID } from '../channel/whatsapp/a-post.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { type GraphStandIn, graphStandIn } from '../support/graph-stand-in.ts'
import { textFrom, type WebhookClient, webhookClient } from '../support/webhook-client.ts'

const USER = '15550009010'
const ADDRESS = { channel: 'whatsapp', account: PHONE_NUMBER_ID, user: USER } as const

describe('an operator in a process of its own', () => {
  const path = mkdtempSync(join(tmpdir(), 'chaperone-ops-'))
  let graph: GraphStandIn
  let bot: ChildProgram
  let url: string
  let client: WebhookClient
  before(async () => {
    graph = await graphStandIn()
    bot = startProgram(sourceOf('spec/support/counting-server.ts'), {
      DATA_DIR: path,
      GRAPH_URL: graph.url,
      INSTANCE: 'bot'
    })
    url = String((await bot.event('listening'))['url'])
    client = webhookClient(() => url)
  })
  after(async () => {
    await bot.end('SIGKILL')
    await graph.close()
    rmSync(path, { recursive: true })
  })

  it('sees the last commit of the bot that runs, and moves its conversation under it', async () => {
    const ids = ['wamid.1', 'wamid.2', 'wamid.3', 'wamid.4']
    for (const id of ids) await client.deliver(textFrom(USER, id, 'silent'))
    const ops = await openOperator({ bot: chainProgram(), store: lmdbStore({ path }) })

    assert.deepEqual(await ops.inspect(ADDRESS), await shownBy(url))
    const done = await ops.rollback(ADDRESS, 2, { by: 'eve', reason: 'two too many' })
    assert.deepEqual(await shownBy(url), await ops.inspect(ADDRESS))
    await client.deliver(textFrom(USER, 'wamid.5', 'silent'))

    assert.ok(done.tag === 'rolledBack' && done.version === 5)
    const seen = await ops.inspect(ADDRESS)
    assert.equal(seen?.version, 6)
    const chain = foldOf(['wamid.1', 'wamid.2', 'wamid.5'])
    assert.deepEqual(seen.data, { count: 3, chain })
    await ops.close()
  })
})

async function shownBy(url: string): Promise<unknown> {
  return (await fetch(`${url}/${USER}`)).json()
}
