// A process of its own whose bot blocks the event loop on the message that says so.
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/lmdb.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { unwatched } from '../../lib/runtime/watchdog.ts'
import { ADDRESS } from './a-world.ts'
import { chainProgram } from './chain-program.ts'

const { DATA_DIR = '', BLOCK_MS = '', END_MS = '1000', NO_STDERR } = process.env
const { UNWATCHED, THROWING_WRITER } = process.env
if (NO_STDERR !== undefined) {
  // The lowest free number is given out first: standard error is now one that takes no writing.
  const full = join(DATA_DIR, `full-${process.pid}`)
  if (NO_STDERR === 'full') execFileSync('mkfifo', [full])
  closeSync(2)
  if (NO_STDERR === 'full') fill(full)
  else openSync(devNull, 'r')
}
const say = (fields: object): void => void process.stdout.write(`${JSON.stringify(fields)}\n`)
const bot = chainProgram({
  hook: (_state, { id }) => {
    if (id !== '15550001001 blocks') return undefined
    if (UNWATCHED === undefined) block()
    else unwatched(block)
    return undefined
  }
})
const store = lmdbStore({ path: DATA_DIR })
if (THROWING_WRITER !== undefined) {
  const write = `() => setImmediate(() => { throw new Error('nobody hears this') })`
  store.rowWriter = () => ({ program: `return { write: ${write}, close() {} }`, data: null })
}
const runtime = createRuntime({
  bot,
  store,
  instance: 'blocking',
  watchdog: { nameMs: 300, endMs: Number(END_MS) }
})
await runtime.start()
const chat = runtime.conversation(ADDRESS)
const alive = setInterval(() => undefined, 1_000)
for (let index = 0; index < 20; index += 1) await received(`m${index}`)
say({ event: 'ready', conversation: chat.id })
await received('15550001001 blocks')
say({ event: 'survived' })
await runtime.stop()
clearInterval(alive)

function block(): void {
  const untilMs = performance.now() + Number(BLOCK_MS)
  while (performance.now() < untilMs);
}

/** A pipe that nobody reads and that holds no more: whoever writes to it waits. */
function fill(path: string): void {
  openSync(path, 'r+')
  const filling = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    for (;;) writeSync(filling, '.')
  } catch {
    closeSync(filling)
  }
}

async function received(id: string): Promise<void> {
  const { tag } = await chat.receive({ id, content: { kind: 'text', text: 'silent' } })
  say({ event: 'receipt', id, tag })
}
