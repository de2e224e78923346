import type { ChannelHost, Heard, HeardStatus, Receipt } from '../../lib/channel/channel.ts'
import type { Address } from '../../lib/conversation/address.ts'
import { type Log, silentLog } from '../../lib/kernel/log.ts'

/** A runtime's side that writes down what it is told and answers as asked. */
export interface RecordingHost extends ChannelHost {
  readonly heard: Heard[]
  readonly statuses: HeardStatus[]
  readonly presents: Address[]
}

export const committed: Receipt = { tag: 'committed', version: 1, replies: [] }

export function recordingHost(
  receive: (heard: Heard) => Receipt | Promise<Receipt> = () => committed
): RecordingHost {
  const heard: Heard[] = []
  const statuses: HeardStatus[] = []
  const presents: Address[] = []
  return {
    log: silentLog,
    heard,
    statuses,
    presents,
    receive: async message => {
      heard.push(message)
      return receive(message)
    },
    status: async status => {
      statuses.push(status)
      return committed
    },
    secret: () => new Uint8Array(32),
    present: address => {
      presents.push(address)
    }
  }
}

/** Answers the first copy of an id as committed, every other as a duplicate: like the runtime. */
export function once(): (heard: Heard) => Receipt {
  const seen = new Set<string>()
  return ({ id }) => {
    if (seen.has(id)) return { tag: 'duplicate', replies: [] }
    seen.add(id)
    return committed
  }
}

/** A log that keeps its lines, to look for what must not be there. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const write =
    (level: string) =>
    (fields: object, message?: string): void => {
      lines.push(JSON.stringify({ level, ...fields, message }))
    }
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error')
  }
}
