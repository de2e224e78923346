/** A plain command of the server: its name, then its arguments. */
export type Command = readonly (string | number)[]

/**
 * One connection to one server, from when it is ready until it breaks.
 *
 * A reply says by which link it came: what another link tells, or the same server after a
 * failover, proves nothing about it.
 */
export interface Link {
  /** Host and port of the server; behind Sentinel, of the one that was master then. */
  readonly address: string
  /** Runs a plain command on this very connection; refused when it is gone. */
  call(...command: Command): Promise<unknown>
  /** A second client of the same address, for what would hold up all others. */
  beside(): SideClient
}

/** A client with a connection to itself; it stays with its address, reconnecting when it must. */
export interface SideClient {
  ready(withinMs: number): Promise<void>
  /** The connection of now, or the last one; null before the first. */
  readonly link: Link | null
  call(...command: Command): Promise<unknown>
  close(): void
}
