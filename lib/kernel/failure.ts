/** Who must act on a failure; see `docs/failures.md`. */
export type FailureTag = 'Refused' | 'Unavailable' | 'Conflict' | 'Gone' | 'Corrupt' | 'Defect'

interface FailureEntry {
  readonly tag: FailureTag
  /** What happened, in one sentence without data. */
  readonly means: string
  /** What the reader should do. */
  readonly act: string
}

/** Every code Chaperone may report; `docs/failures.md` lists the same, checked by a spec. */
export const FAILURES = {
  CHP_STORE_UNAVAILABLE: {
    tag: 'Unavailable',
    means: 'The store gave no usable answer in time; the call may have happened.',
    act: 'Check that the store runs and is reachable; the runtime repeats the call by itself.'
  },
  CHP_STORE_REFUSED: {
    tag: 'Unavailable',
    means: 'The store refused the call and nothing was written.',
    act: 'Read the quoted store error (memory, disk, permissions, role) and mend the store.'
  },
  CHP_STORE_DENIED: {
    tag: 'Unavailable',
    means: 'The store denies the call, and will until a person has mended its setup.',
    act: 'Mend the password, permission or address that the quoted error is about.'
  },
  CHP_STORE_NOT_DURABLE: {
    tag: 'Unavailable',
    means: 'The call happened, but too few replicas said in time that they have it.',
    act: 'Look at the replicas and their link to the master; the runtime repeats the call.'
  },
  CHP_STORE_CONTENDED: {
    tag: 'Unavailable',
    means: 'Other processes kept committing to the conversation first.',
    act: 'Route messages of one conversation to one process; nothing was lost.'
  },
  CHP_STORE_UNFIT: {
    tag: 'Refused',
    means: 'The store is set up in a way that could lose acknowledged messages.',
    act: 'Change the named setting of the store, then start again.'
  },
  CHP_STORE_LAYOUT: {
    tag: 'Refused',
    means: 'The store holds data of another layout than this version reads.',
    act: 'Use the version that wrote it, or migrate the data.'
  },
  CHP_STORE_DAMAGED: {
    tag: 'Refused',
    means: 'The data file of the embedded store is damaged; nothing in it was changed.',
    act: 'Restore a backup, see `docs/operating.md`; an empty store would forget everything.'
  },
  CHP_STORE_WRONG_TYPE: {
    tag: 'Corrupt',
    means: 'A key of the conversation holds a value of another kind; nothing was written.',
    act: 'Find who writes to keys with the prefix `chp:` and remove the foreign key.'
  },
  CHP_COMMIT_CONFLICT: {
    tag: 'Conflict',
    means: 'Another commit came first.',
    act: 'Nothing: the runtime loads again and decides again.'
  },
  CHP_COMMIT_GONE: {
    tag: 'Gone',
    means: 'The conversation was erased or created anew meanwhile.',
    act: 'Nothing: the runtime drops its memory of it.'
  },
  CHP_RECORD_CORRUPT: {
    tag: 'Corrupt',
    means: 'A stored record does not decode, or its checksum is wrong.',
    act: 'Inspect the conversation; the raw bytes are kept.'
  },
  CHP_RECORD_FUTURE: {
    tag: 'Corrupt',
    means: 'A stored record was written by a newer version of the bot or of Chaperone.',
    act: 'Finish the deploy, or serve the conversation by the newer build.'
  },
  CHP_MIGRATION_MISSING: {
    tag: 'Corrupt',
    means: 'A stored record has an older schema, and no migration leads on from it.',
    act: 'Add the named step to `migrations`; until then the conversation waits, untouched.'
  },
  CHP_RECORD_OVERSIZE: {
    tag: 'Defect',
    means: 'The next record is larger than a record may be.',
    act: 'Keep less in core and flow data; the limit is 65,536 bytes.'
  },
  CHP_SEAL_KEY_UNKNOWN: {
    tag: 'Corrupt',
    means: 'A sealed field names a key that is not in the key ring, or fails its check.',
    act: 'Put the named key back into the key ring.'
  },
  CHP_DECIDE_THREW: {
    tag: 'Defect',
    means: 'The bot threw while deciding an event.',
    act: 'Mend the named flow and step; the event was repeated and then parked.'
  },
  CHP_PART_FAILING: {
    tag: 'Defect',
    means: 'A part of the runtime failed again and again in a way that nobody had foreseen.',
    act: 'Read the log lines of the named part and report them; the part goes on by itself.'
  },
  CHP_TURN_FATAL: {
    tag: 'Defect',
    means: 'Runs of an event ended their processes, more often than it may be run.',
    act: 'Mend what the event meets in the named flow and step; it was parked, and not run again.'
  },
  CHP_DECISION_INVALID: {
    tag: 'Defect',
    means: 'The bot decided a state that its own codecs refuse.',
    act: 'Mend the named flow and step so that its data fits its codec.'
  },
  CHP_REPLY_UNFIT: {
    tag: 'Defect',
    means: 'A reply is larger or has more options than its channel allows.',
    act: 'Shorten the named part; the limits are in `docs/whatsapp.md`.'
  },
  CHP_BOT_INVALID: {
    tag: 'Refused',
    means: 'The bot definition has errors.',
    act: 'Mend each listed flow and step; nothing was started.'
  },
  CHP_POLICY_INVALID: {
    tag: 'Refused',
    means: 'The supervision policy has errors.',
    act: 'Mend each listed line; nothing was started or the old policy stays.'
  },
  CHP_SETTING_INVALID: {
    tag: 'Refused',
    means: 'A setting is missing or has a value that cannot be used.',
    act: 'Set the named setting as the message says.'
  },
  CHP_INPUT_INVALID: {
    tag: 'Refused',
    means: 'An argument given by the host is not acceptable.',
    act: 'Pass what the message expects; nothing was changed.'
  },
  CHP_CONVERSATION_UNKNOWN: {
    tag: 'Refused',
    means: 'Nothing is stored of the conversation an operator asked for.',
    act: 'Check channel, account and user, or the id; it may have been erased.'
  },
  CHP_VERSION_UNKNOWN: {
    tag: 'Refused',
    means: 'The history does not list the version asked for.',
    act: 'Choose a version that `history` lists; older ones were trimmed.'
  },
  CHP_VERSION_UNREADABLE: {
    tag: 'Refused',
    means: 'A version is listed, and what is kept of it makes no record any more.',
    act: 'Choose another version; those that `history` marks as whole need no other row.'
  },
  CHP_ROLLBACK_REFUSED: {
    tag: 'Refused',
    means: 'A conversation was not rolled back to the version asked for.',
    act: 'Read why, then choose another version, or ask for it across effects on purpose.'
  },
  CHP_HOLD_REFUSED: {
    tag: 'Refused',
    means: 'A conversation was not held, or did not cease to be.',
    act: 'Read why; nothing was changed.'
  },
  CHP_PARKED_REFUSED: {
    tag: 'Refused',
    means: 'A parked event was not run again, or not discarded.',
    act: 'Read why; nothing was changed.'
  },
  CHP_BODY_PARSED: {
    tag: 'Refused',
    means: 'A body parser ran before the webhook, so its signature cannot be checked.',
    act: 'Mount the webhook before the body parser (for example before express.json()).'
  },
  CHP_CALL_UNRESOLVED: {
    tag: 'Unavailable',
    means: 'An outside call may have been done, and nothing but a person can find out.',
    act: 'Look the key up at the outside service; the call is not made again.'
  },
  CHP_REPLY_REFUSED: {
    tag: 'Refused',
    means: 'The channel will never take a committed reply; it was parked.',
    act: 'Read why and mend it, then let an operator redrive the reply, or discard it.'
  },
  CHP_CHANNEL_UNAVAILABLE: {
    tag: 'Unavailable',
    means: 'The channel takes no replies before a person has mended its account or a setting.',
    act: 'Mend what the detail names; the replies wait and are offered again, in order.'
  },
  CHP_NOT_STARTED: {
    tag: 'Refused',
    means: 'The runtime was used before start() or after stop().',
    act: 'Await runtime.start() before handing messages in.'
  }
} as const satisfies Record<string, FailureEntry>

export type FailureCode = keyof typeof FAILURES

/** One failure as a plain value. `detail` never holds message texts, tokens or phone numbers. */
export interface Failure {
  readonly tag: FailureTag
  readonly code: FailureCode
  readonly detail: string
  readonly cause?: unknown
}

/** Builds a failure; its tag comes from the registry. */
export function failure(code: FailureCode, detail: string, cause?: unknown): Failure {
  const { tag } = FAILURES[code]
  return cause === undefined ? { tag, code, detail } : { tag, code, detail, cause }
}

// The same one in every copy of the package: a bot may be refused by another than runs it.
const FAILED = Symbol.for('chaperone.failure')

/** The one error class that Chaperone throws or rejects with; it carries the failure. */
export class ChaperoneError extends Error {
  readonly failure: Failure
  constructor(failed: Failure) {
    super(`${failed.code}: ${failed.detail} ${FAILURES[failed.code].act}`, { cause: failed.cause })
    this.name = 'ChaperoneError'
    this.failure = failed
  }

  get [FAILED](): true {
    return true
  }
}

/** Throws a failure as `ChaperoneError`. */
export function fail(code: FailureCode, detail: string, cause?: unknown): never {
  throw new ChaperoneError(failure(code, detail, cause))
}

/** The failure an error carries, or undefined for an error of another kind. */
export function failureOf(error: unknown): Failure | undefined {
  return error instanceof Error && FAILED in error ? (error as ChaperoneError).failure : undefined
}
