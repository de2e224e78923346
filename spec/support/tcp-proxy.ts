import { connect, createServer, type Socket } from 'node:net'

/**
 * What the proxy does with what passes: `pass` it on, lose the next request or the next reply
 * together with the connection, `hold` replies back, or hand on `bytes` one by one.
 */
type ProxyMode = 'pass' | 'loseRequest' | 'loseReply' | 'hold' | 'bytes'

/** Stands between a client and a server on this machine and does harm when told. */
export interface TcpProxy {
  readonly port: number
  mode: ProxyMode
  /** Where new connections go on to. */
  targetPort: number
  /** Takes the place of the next reply, once; null: none. */
  instead: string | null
  /** Hands on what was held back. */
  release(): void
  /** Every chunk that came from the client since this was last emptied. */
  readonly requests: Buffer[]
  close(): Promise<void>
}

/** Starts a proxy in front of a port of this machine. */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  const server = createServer(client => {
    const upstream = connect(proxy.targetPort, '127.0.0.1')
    const end = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => {
        sockets.delete(socket)
        end()
      })
      socket.on('error', end)
    }
    client.on('data', chunk => {
      proxy.requests.push(chunk)
      if (proxy.mode === 'loseRequest') end()
      else hand(chunk, upstream, proxy.mode)
    })
    upstream.on('data', chunk => {
      const { instead } = proxy
      proxy.instead = null
      if (instead !== null) client.write(instead)
      else if (proxy.mode === 'loseReply') end()
      else if (proxy.mode === 'hold') held.push(() => client.write(chunk))
      else hand(chunk, client, proxy.mode)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')
  const proxy: TcpProxy = {
    port: address.port,
    mode: 'pass',
    targetPort,
    instead: null,
    requests: [],
    release: () => {
      for (const write of held.splice(0)) write()
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
  return proxy
}

function hand(chunk: Buffer, to: Socket, mode: ProxyMode): void {
  if (mode !== 'bytes') {
    to.write(chunk)
    return
  }
  for (const byte of chunk) to.write(Buffer.of(byte))
}
