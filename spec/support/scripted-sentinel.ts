import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A sentinel that says what a spec wants, about masters on this machine. */
export interface ScriptedSentinel {
  readonly port: number
  /** How many connections wait to be told of another master. */
  readonly listeners: number
  /** Answers about the master are this old when they come, in ms; default 0. */
  lateMs: number
  /** Questions about the master so far. */
  readonly asked: number
  /** Tells everybody who listens, and whoever asks from now on, of another master. */
  switchTo(port: number): void
  close(): Promise<void>
}

const COMMAND = /\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+/g

/** Starts a sentinel that knows one master, under any name. */
export async function startScriptedSentinel(masterPort: number): Promise<ScriptedSentinel> {
  const sockets = new Set<Socket>()
  const listening = new Set<Socket>()
  let current = masterPort
  let asked = 0
  const answer = (socket: Socket, [name = '', what = '']: readonly string[]): string => {
    if (name === 'client') return '+OK\r\n'
    if (what === 'get-master-addr-by-name') {
      asked += 1
      return list('127.0.0.1', String(current))
    }
    if (what === 'sentinels') return '*0\r\n'
    if (name !== 'subscribe') return '-ERR a scripted sentinel does not know this\r\n'
    listening.add(socket)
    return `*3\r\n${bulk('subscribe')}${bulk(what)}:1\r\n`
  }
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => [sockets, listening].map(set => set.delete(socket)))
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      for (const command of chunk.toString().match(COMMAND) ?? []) {
        const words = command.split('\r\n').filter((_, at) => at > 0 && at % 2 === 0)
        const said = answer(socket, [words[0]!.toLowerCase(), ...words.slice(1)])
        setTimeout(() => socket.writable && socket.write(said), sentinel.lateMs)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sentinel = {
    lateMs: 0,
    get asked() {
      return asked
    },
    port: (server.address() as AddressInfo).port,
    get listeners() {
      return listening.size
    },
    switchTo: (port: number) => {
      const said = `chat 127.0.0.1 ${current} 127.0.0.1 ${port}`
      current = port
      for (const socket of listening) socket.write(list('message', '+switch-master', said))
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
  return sentinel
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

function list(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map(bulk).join('')}`
}
