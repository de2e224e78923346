#!/usr/bin/env node
import { run } from './run.ts'

const abort = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => abort.abort())
// Who reads no further (`| head`) wants it to end.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  abort.abort()
})

process.exitCode = await run(process.argv.slice(2), {
  say: text => process.stdout.write(text),
  signal: abort.signal
})
