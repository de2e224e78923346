import { createRequire } from 'node:module'
import * as O from 'fp-ts/lib/Option.js'
import type { RowWriter } from '../process-rows.ts'
import type { Checked, Target } from './place.ts'
import { keepProcessScript } from './scripts/keep-process.ts'

/** How a thread writes the row of a process by a connection of its own, made when it must. */
export function redisRowWriter(place: Checked, key: string, name: string): RowWriter | null {
  const client = pathOfClient()
  if (client === null) return null
  const { lua } = keepProcessScript
  const data = { ...serversOf(place), client, lua, key, name }
  // A host may hand in more for TLS than is declared, such as a function: that reaches no thread.
  return O.toNullable(O.tryCatch(() => ({ program: PROGRAM, data: structuredClone(data) })))
}

// In a bundle there may be none to be found.
function pathOfClient(): string | null {
  return O.toNullable(O.tryCatch(() => createRequire(import.meta.url).resolve('ioredis')))
}

function serversOf(place: Checked): {
  readonly nodes: readonly Target['options'][] | null
  readonly options: Target['options']
} {
  if (place.kind === 'one') return { nodes: null, options: place.target.options }
  const nodes = place.targets.map(({ options }) => options)
  const { username, password, tls } = nodes[0] ?? {}
  const shared = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls })
  }
  return { nodes: nodes.map(({ host, port }) => ({ host: host!, port: port! })), options: shared }
}

// To write it twice is to write it once, and who waits is ended: the client may do as it likes.
const PROGRAM = `
const { Cluster, Redis } = require(data.client)
const options = {
  ...data.options,
  protocol: 2,
  replyMapping: 'legacy',
  enableReadyCheck: false,
  connectionName: 'chaperone-watchdog'
}
let client = null
const opened = () => {
  const cluster = { redisOptions: options, enableReadyCheck: false }
  const made = data.nodes === null ? new Redis(options) : new Cluster(data.nodes, cluster)
  made.on('error', () => undefined)
  return made
}
return {
  write(row, isMeant, done) {
    client ??= opened()
    const send = () => {
      if (!isMeant()) return done()
      client.eval(data.lua, 1, data.key, data.name, '1', row).then(done, done)
    }
    if (client.status === 'ready') send()
    else client.once('ready', send)
  },
  close() {
    client?.disconnect()
    client = null
  }
}
`
