import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loaderOf, sourceOf } from '../../../support/child-program.ts'
import { ALICE, anOffer, type Loose, textAt } from './a-service.ts'

const PROGRAM = sourceOf('examples/ledger/service/main.ts')

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

describe('a ledger that is killed', () => {
  let directory = ''
  let running: Running | undefined
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ledger-kill-'))
  })
  afterEach(async () => {
    if (running !== undefined) await kill(running)
    await rm(directory, { recursive: true, force: true })
  })

  async function start(): Promise<Running> {
    const child = spawn(process.execPath, [...loaderOf(PROGRAM), PROGRAM], {
      env: {
        ...process.env,
        DATA_DIR: directory,
        LEDGER_CONTROL: 'on',
        PORT: '0',
        HOST: '127.0.0.1'
      },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    for await (const line of createInterface({ input: child.stdout })) {
      const { event, url } = JSON.parse(line) as { event: string; url: string }
      if (event !== 'ledger.listening') continue
      child.stdout.resume()
      running = { child, url }
      return running
    }
    return assert.fail('the ledger ended before it listened')
  }

  it('in the middle of a burst keeps every offer that it answered, in three lives', async () => {
    const acknowledged = new Set<string>()
    for (let life = 0; life < 3; life += 1) {
      const ledger = await start()
      const token = await tokenOf(ledger)
      assert.deepEqual(missing(acknowledged, await offersOf(ledger)), [])

      const wanted = acknowledged.size + 20 + 15 * life
      const client = async (_: unknown, name: number) => {
        for (let turn = 0; ; turn += 1) {
          const offerId = await offerOne(ledger, token, `${life}-${name}-${turn}`)
          if (offerId === null) return
          acknowledged.add(offerId)
          if (acknowledged.size === wanted) ledger.child.kill('SIGKILL')
        }
      }
      await Promise.all(Array.from({ length: 8 }, client))

      await ended(ledger.child)
      assert.ok(acknowledged.size >= wanted)
    }

    const ledger = await start()

    assert.deepEqual(missing(acknowledged, await offersOf(ledger)), [])
  })

  it('after the commit and before the answer does it once: the repeat finds it', async () => {
    const ledger = await start()
    const delay = { kind: 'delay', when: 'after', ms: 60_000, endpoint: 'createOffer' }
    await post(ledger, '/_control', { faults: [delay] })
    const lost = offerOne(ledger, await tokenOf(ledger), 'k')
    while ((await offersOf(ledger)).length === 0) await new Promise(setImmediate)

    await kill(ledger)
    assert.equal(await lost, null)
    const again = await start()
    const offerId = await offerOne(again, await tokenOf(again), 'k')

    assert.deepEqual(await offersOf(again), [offerId])
  })

  it('is refused its directory while another one has it, and exits with 1', async () => {
    await start()

    const second = spawn(process.execPath, [...loaderOf(PROGRAM), PROGRAM], {
      env: { ...process.env, DATA_DIR: directory, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const lines: string[] = []
    for await (const line of createInterface({ input: second.stdout })) lines.push(line)

    assert.equal(await ended(second), 1)
    assert.match(lines.join(), /ledger.refused-to-start.*runs a ledger on this directory/)
  })
})

async function kill({ child }: Running): Promise<void> {
  child.kill('SIGKILL')
  await ended(child)
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

async function post(
  { url }: Running,
  path: string,
  body: unknown,
  headers: Record<string, string> = {}
): Promise<Loose> {
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.equal(answer.status, 200)
  return (await answer.json()) as Loose
}

async function tokenOf(ledger: Running): Promise<string> {
  return textAt(await post(ledger, '/login', { phone: ALICE }), 'token')
}

/** Offers 0.01 ZWG; answers the id, or null when the ledger died before it answered. */
async function offerOne(ledger: Running, token: string, key: string): Promise<string | null> {
  const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key }
  const body = anOffer({ amount: '0.01', denom: 'ZWG' })
  try {
    const made = await post(ledger, '/offers', body, headers)
    return textAt(made, 'action', 'details', 'offer', 'offerId')
  } catch (cause) {
    if (cause instanceof TypeError) return null
    throw cause
  }
}

async function offersOf({ url }: Running): Promise<string[]> {
  const { offers } = (await (await fetch(`${url}/_log`)).json()) as {
    offers: { offerId: string }[]
  }
  return offers.map(({ offerId }) => offerId)
}

function missing(wanted: ReadonlySet<string>, there: readonly string[]): string[] {
  return [...wanted].filter(offerId => !there.includes(offerId))
}
