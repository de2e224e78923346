import { newId, type Random } from './surroundings.ts'

export interface SessionOptions {
  readonly clock: { nowMs(): number }
  readonly random: Random
  /** A token that was not used for this long is over. */
  readonly inactivityMs?: number
  /** A token is over this long after the login that it comes from, however busy it is. */
  readonly absoluteMs?: number
  /** How long a token still counts after it was renewed: for requests that are under way. */
  readonly renewalGraceMs?: number
  /** Tokens of one member; a further login ends the oldest. */
  readonly perMemberMax?: number
}

interface Session {
  readonly token: string
  readonly memberId: string
  /** The absolute deadline of the login; renewed tokens inherit it. */
  readonly loginOverAtMs: number
  overAtMs: number
  idleAtMs: number
}

/**
 * Who is logged in: tokens that begin with `tok-`, with two deadlines.
 *
 * Kept in memory only, so that no token ever reaches a disk: a restart logs everybody out.
 */
export class Sessions {
  readonly #options: Required<SessionOptions>
  readonly #byToken = new Map<string, Session>()
  readonly #byMember = new Map<string, Session[]>()

  constructor(options: SessionOptions) {
    this.#options = {
      inactivityMs: 300_000,
      absoluteMs: 6 * 3_600_000,
      renewalGraceMs: 30_000,
      perMemberMax: 16,
      ...options
    }
  }

  /** Logs a member in; answers the token. */
  open(memberId: string): string {
    return this.#open(memberId, this.#nowMs() + this.#options.absoluteMs)
  }

  /** Whose token it is, null when it is over or unknown; this counts as a use. */
  use(token: string): string | null {
    const session = this.#find(token)
    if (session === undefined) return null
    session.idleAtMs = this.#nowMs() + this.#options.inactivityMs
    return session.memberId
  }

  /** Whose token it is, without using it. */
  memberOf(token: string): string | null {
    return this.#find(token)?.memberId ?? null
  }

  /** A new token in place of one that is good; the absolute deadline of the login stays. */
  renew(token: string): string | null {
    const session = this.#find(token)
    if (session === undefined) return null
    session.overAtMs = Math.min(session.overAtMs, this.#nowMs() + this.#options.renewalGraceMs)
    return this.#open(session.memberId, session.loginOverAtMs)
  }

  /** Ends the tokens of one member, or of all. */
  revoke(memberId?: string): void {
    const members = memberId === undefined ? [...this.#byMember.keys()] : [memberId]
    for (const member of members) this.#keep(member, [])
  }

  #open(memberId: string, loginOverAtMs: number): string {
    const { random, inactivityMs, perMemberMax } = this.#options
    const token = newId(random, 'tok', 24)
    const idleAtMs = this.#nowMs() + inactivityMs
    const session = { token, memberId, loginOverAtMs, overAtMs: loginOverAtMs, idleAtMs }
    this.#byToken.set(token, session)
    const good = (this.#byMember.get(memberId) ?? []).filter(one => !this.#isOver(one))
    this.#keep(memberId, [...good, session].slice(-perMemberMax))
    return token
  }

  #keep(memberId: string, sessions: Session[]): void {
    for (const old of this.#byMember.get(memberId) ?? []) {
      if (!sessions.includes(old)) this.#byToken.delete(old.token)
    }
    if (sessions.length === 0) this.#byMember.delete(memberId)
    else this.#byMember.set(memberId, sessions)
  }

  #find(token: string): Session | undefined {
    const session = this.#byToken.get(token)
    return session === undefined || this.#isOver(session) ? undefined : session
  }

  #isOver({ overAtMs, idleAtMs }: Session): boolean {
    return this.#nowMs() >= Math.min(overAtMs, idleAtMs)
  }

  #nowMs(): number {
    return this.#options.clock.nowMs()
  }
}
