import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of a spec: where it listens and how to end it. */
export interface Listening {
  readonly server: Server
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

/** Listens on a free port, or on one it had before; `close` cuts what is still connected. */
export function listening(listener: RequestListener, hadPort = 0): Promise<Listening> {
  const server = createServer(listener)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(hadPort, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      resolve({ server, port, url: `http://127.0.0.1:${port}`, close: () => closed(server) })
    })
  })
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close(error => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
}
