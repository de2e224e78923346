/** Who holds which slots: ranges, both ends included. */
export interface SlotRange {
  readonly from: number
  readonly to: number
  readonly host: string
  readonly port: number
}

/** Reads the answer of CLUSTER SLOTS; `asked` is the host that gave it, which it may leave out. */
export function slotMap(answer: unknown, asked: string): readonly SlotRange[] {
  const rows = answer as readonly (readonly [number, number, (readonly [string | null, number])?])[]
  return rows.flatMap(([from, to, master]) =>
    master === undefined ? [] : [{ from, to, host: hostOf(master[0], asked), port: master[1] }]
  )
}

/** Where an error of the server sends a call. */
export type Redirect =
  | {
      readonly tag: 'moved' | 'ask'
      readonly slot: number
      readonly host: string
      readonly port: number
    }
  | { readonly tag: 'tryAgain' }

/** Reads an error as a redirection; null for any other. */
export function redirectOf(error: unknown, asked: string): Redirect | null {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('TRYAGAIN')) return { tag: 'tryAgain' }
  const [, word, slot, host, port] = /^(MOVED|ASK) (\d{1,5}) (\S*):(\d{1,5})$/.exec(message) ?? []
  if (word === undefined) return null
  const tag = word === 'MOVED' ? 'moved' : 'ask'
  return { tag, slot: Number(slot), host: hostOf(host!, asked), port: Number(port) }
}

// A server that does not know its own address leaves it out, or writes `?`.
function hostOf(host: string | null, asked: string): string {
  return host === null || host === '' || host === '?' ? asked : host
}
