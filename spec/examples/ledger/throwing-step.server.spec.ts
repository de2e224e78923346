import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChildProgram, sourceOf, startProgram } from '../../support/child-program.ts'
import { type GraphStandIn, graphStandIn } from '../../support/graph-stand-in.ts'
import { walk } from '../../support/ledger-walk.ts'
import { webhookClient } from '../../support/webhook-client.ts'
import { whatsAppMember } from '../../support/whatsapp-member.ts'

const ALICE = '15550001001'

describe('a step that always throws, in a process of its own', () => {
  let graph: GraphStandIn
  let directory: string
  let server: ChildProgram
  let url: string
  before(async () => {
    graph = await graphStandIn()
    directory = mkdtempSync(join(tmpdir(), 'chaperone-throwing-'))
    const env = { GRAPH_URL: graph.url, DATA_DIR: directory, THROWS_AT: 'handle' }
    server = startProgram(sourceOf('spec/support/throwing-server.ts'), env)
    url = String((await server.event('listening'))['url'])
  })
  after(async () => {
    await server?.end('SIGKILL')
    await graph?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const runs = () => server.log.filter(({ event }) => event === 'run').length
  const stored = async () => (await (await fetch(`${url}/${ALICE}`)).json()) as Stored

  it('runs four times, then the member is at the menu with an apology, core kept', async () => {
    const alice = whatsAppMember({ client: webhookClient(() => url), graph }, ALICE)
    await walk(alice, [
      { say: 'hi', hears: [/Hello Alice/] },
      { say: { tap: 'offer' }, hears: [/How much/] },
      { say: '10', hears: [] }
    ])
    const before = runs()

    await alice.hears(/Sorry, something went wrong/, /Hello Alice![^]*120\.00 USD/)
    await walk(alice, [{ say: { tap: 'offer' }, hears: [/How much/] }])

    assert.ok(before <= 4)
    assert.equal(runs(), 4)
    const { stage, step, core } = await stored()
    assert.deepEqual([stage, step], ['CREDIT', 'amount'])
    assert.equal(core.member?.memberId, 'm-alice')
    assert.equal(core.account, 'acc-alice')
    assert.equal(core.token?.value, '[redacted]')
    alice.heardAll()
  })

  it('has its event parked, is told to listeners, and says nothing of the member', async () => {
    const { id } = await server.event('parked')

    assert.match(String(id), /^wamid\./)
    assert.equal(server.log.filter(({ event }) => event === 'actor.crashed').length, 4)
    assert.equal(server.written().includes(ALICE), false)
  })

  it('leaves others alone', async () => {
    const bob = whatsAppMember({ client: webhookClient(() => url), graph }, '15550002002')

    await walk(bob, [{ say: 'hi', hears: [/Hello Bob/] }])

    assert.equal(runs(), 4)
  })
})

interface Stored {
  readonly stage: string
  readonly step: string
  readonly core: {
    readonly member: { readonly memberId: string } | null
    readonly account: string | null
    readonly token: { readonly value: string } | null
  }
}
