import { fail } from '../../kernel/failure.ts'
import type { StoreSecrets } from '../conversation-store.ts'
import { layoutRow, secretsOf } from '../layout-row.ts'
import type { Deployment } from './deployment.ts'

/** The layout row in Redis, and what it was when the store was opened. */
export class StoredLayout {
  readonly #key: string
  #row: string | null = null

  constructor(key: string) {
    this.#key = key
  }

  /** Reads the row, or writes it where there is none. */
  async open(deployment: Deployment, candidate: StoreSecrets): Promise<StoreSecrets> {
    this.#row = await this.#rowOr(deployment, layoutRow(candidate))
    return secretsOf(this.#row)
  }

  /**
   * Gives a server that was emptied its keys back: who starts next must not make others.
   *
   * Fails with CHP_STORE_UNFIT when somebody has.
   */
  async check(deployment: Deployment): Promise<void> {
    if (this.#row === null || (await this.#rowOr(deployment, this.#row)) === this.#row) return
    fail(
      'CHP_STORE_UNFIT',
      'The layout row of the store is not the one of the start: stop, and restore the right one.'
    )
  }

  async #rowOr(deployment: Deployment, row: string): Promise<string> {
    await deployment.call('SETNX', this.#key, row)
    return String(await deployment.call('GET', this.#key))
  }
}
