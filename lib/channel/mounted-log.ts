import { type Log, silentLog } from '../kernel/log.ts'

/** The log of a channel: its own where it was given one, else that of the host it is mounted on. */
export class MountedLog implements Log {
  #log: Log
  readonly #isOwn: boolean

  constructor(own: Log | undefined) {
    this.#log = own ?? silentLog
    this.#isOwn = own !== undefined
  }

  mounted({ log }: { readonly log: Log }): void {
    if (!this.#isOwn) this.#log = log
  }

  debug(fields: object, message?: string): void {
    this.#log.debug(fields, message)
  }

  info(fields: object, message?: string): void {
    this.#log.info(fields, message)
  }

  warn(fields: object, message?: string): void {
    this.#log.warn(fields, message)
  }

  error(fields: object, message?: string): void {
    this.#log.error(fields, message)
  }
}
