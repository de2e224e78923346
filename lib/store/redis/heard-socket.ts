import type { Redis } from 'ioredis'

/** What is used of a socket, and of what makes the sockets of a client. */
interface Socket {
  on(event: 'error', tell: (error: unknown) => void): unknown
}
interface Connector {
  connect(...args: readonly unknown[]): Promise<Socket>
  connectToSentinel?(endpoint: unknown, options?: object): Redis
}

/**
 * The client, which outlives every error of its sockets; it must not have begun to connect. `tell`
 * hears of each, also of those that the client passes on.
 *
 * It listens for the first error of a socket only (ioredis 6.0.0, Redis.js:224), and one of TLS may
 * have two: that its certificate is not trusted, and what the server says when it is left. Nobody
 * hears the second, which then ends the process: 11 times in 800 attempts on Redis 7.0.15.
 */
export function heard(redis: Redis, tell: (error: unknown) => void): Redis {
  const connector = Reflect.get(redis, 'connector') as Connector | undefined
  // The client does not document it: what it is called elsewhere is left alone.
  if (typeof connector?.connect !== 'function') return redis
  const connect = connector.connect.bind(connector)
  connector.connect = async (...args) => {
    const socket = await connect(...args)
    socket.on('error', tell)
    return socket
  }
  const toSentinel = connector.connectToSentinel?.bind(connector)
  if (toSentinel !== undefined) {
    // It connects with its first command instead of at once.
    connector.connectToSentinel = (endpoint, options) =>
      heard(toSentinel(endpoint, { ...options, lazyConnect: true }), tell)
  }
  return redis
}
