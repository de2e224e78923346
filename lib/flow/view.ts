/** The core as a step may read it: everything but the token, which only calls are given. */
export type CoreView<C> = { readonly [P in Exclude<keyof C, 'token'>]: C[P] }

/** All that a step's function may look at; frozen, and the same for the same turn. */
export interface View<C, D> {
  readonly core: CoreView<C>
  /** The data that the flow has collected, as its codec types it. */
  readonly data: Readonly<D>
  /** Store time of the turn in milliseconds. */
  readonly nowMs: number
}
