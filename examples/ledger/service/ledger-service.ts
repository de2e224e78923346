import * as E from 'fp-ts/lib/Either.js'
import { decodeContent } from './book/content.ts'
import type { Rules } from './book/rules.ts'
import type { ControlParts } from './control.ts'
import { answerControlRequest, control, logOf } from './control-handler.ts'
import type { ControlAnswer, LogAnswer } from './control-protocol.ts'
import { FaultTable } from './fault-table.ts'
import { answerRequest, type LedgerRequest } from './handler.ts'
import { type Address, type HttpServer, startHttpServer } from './http-server.ts'
import { type Journal, JournalBroken, noJournal, openJournal } from './journal.ts'
import { Ledger } from './ledger.ts'
import { protocolError } from './protocol-error.ts'
import { encodeReply, errorReply, type LedgerResult } from './reply.ts'
import { RequestLog } from './request-log.ts'
import { seed } from './seed.ts'
import { serviceClock } from './service-clock.ts'
import { Sessions } from './sessions.ts'
import { type Logger, newId, type Surroundings } from './surroundings.ts'

export interface LedgerServiceOptions extends Surroundings {
  /** What a new ledger holds, such as the `given.core` of a transcript; default `seed`. */
  readonly content?: unknown
  /** Where the journal is kept, made when it is not there; without one nothing is kept. */
  readonly directory?: string
  /** Then changing requests are answered 503; default 256 MB. */
  readonly journalBytesMax?: number
  readonly rules?: Partial<Rules>
  /** Opens `POST /_control` and `GET /_log` to whoever reaches the service; default false. */
  readonly control?: boolean
}

export interface LedgerService {
  /** Answers a request without any transport: what the HTTP server calls, too. Never rejects. */
  handle(request: LedgerRequest): Promise<LedgerResult>
  /** Starts the HTTP server; host 127.0.0.1 by default, port 0 picks a free one. */
  listen(address?: Address): Promise<{ readonly url: string }>
  /** What `POST /_control` does, whether or not that path is open. */
  control(request: unknown): Promise<E.Either<readonly string[], ControlAnswer>>
  /** What `GET /_log` shows. */
  log(): LogAnswer
  /**
   * Ends the server and its open requests, writes what is left and gives the directory back; from
   * then on every request is refused.
   */
  close(): Promise<void>
}

/**
 * The ledger of the example bot: a stand-in for the company's system that a bot talks to.
 *
 * It imports nothing of Chaperone. Rejects with what is wrong with the content, or when the journal
 * is damaged or another process holds its directory.
 *
 * @example
 * const service = await createLedgerService({ clock, random, logger, directory: 'data/ledger' })
 * const { url } = await service.listen()
 */
export async function createLedgerService(options: LedgerServiceOptions): Promise<LedgerService> {
  const { random, logger, rules = {}, control: isOpen = false } = options
  const clock = serviceClock(options.clock)
  const ledger = new Ledger({ clock, newId: kind => newId(random, kind), rules })
  const journal = await openLedger(ledger, options)
  const parts: ControlParts = {
    ledger,
    journal,
    clock,
    logger,
    sessions: new Sessions({ clock, random }),
    faults: new FaultTable(random),
    requests: new RequestLog(clock),
    switches: { ignoreIdempotency: false, renewTokens: 'none' }
  }
  const answer = (request: LedgerRequest) =>
    (isOpen ? answerControlRequest(parts, request) : null) ?? answerRequest(parts, request)
  let isClosed = false
  const handle = async (request: LedgerRequest): Promise<LedgerResult> =>
    isClosed
      ? { refuse: true }
      : answer(request).catch((cause: unknown) => encodeReply(errorReply(blame(logger, cause))))

  const servers: HttpServer[] = []
  return {
    handle,
    listen: async address => {
      const server = await startHttpServer({ handle, clock }, address)
      servers.push(server)
      logger.info({ event: 'ledger.listening', url: server.url })
      return { url: server.url }
    },
    control: request => control(parts, request),
    log: () => logOf(parts),
    close: async () => {
      isClosed = true
      clock.stop()
      await Promise.all(servers.map(server => server.close()))
      await journal.close()
    }
  }
}

/** Fills an empty ledger: from its journal, or when that is empty with the content. */
async function openLedger(ledger: Ledger, options: LedgerServiceOptions): Promise<Journal> {
  const { directory, logger, journalBytesMax: bytesMax, content = seed } = options
  const decoded = decodeContent(ledger.rules.denominations, content)
  if (E.isLeft(decoded)) throw new Error(`the content does not fit: ${decoded.left.join('; ')}`)
  if (directory === undefined) {
    ledger.load(decoded.right)
    return noJournal
  }
  const { journal, commits } = await openJournal({
    directory,
    logger,
    ...(bytesMax !== undefined && { bytesMax })
  })
  try {
    for (const commit of commits) ledger.apply(commit)
    if (commits.length === 0) journal.append(ledger.load(decoded.right))
    await journal.flushed()
    return journal
  } catch (cause) {
    await journal.close()
    throw cause
  }
}

// The cause is a bug or a disk; its text could name a member, so only its kind and place are told.
function blame(logger: Logger, cause: unknown) {
  if (cause instanceof JournalBroken) {
    logger.error({ event: 'ledger.journal-broken', code: cause.code })
    return protocolError.broken
  }
  const { name, stack = '' } = cause instanceof Error ? cause : new Error('thrown no error')
  const place = stack
    .split('\n')
    .filter(line => line.trimStart().startsWith('at '))
    .slice(0, 5)
  logger.error({ event: 'ledger.defect', name, place })
  return protocolError.internal
}
