import { fail } from '../../kernel/failure.ts'

const LEVELS = ['everysec', 'always', 'replicated'] as const

/** How much a Redis store may lose; `docs/operating.md` says what each level survives. */
export type RedisDurability = (typeof LEVELS)[number]

/** What is asked of every master. */
export interface Demand {
  /** Null: what the servers do is taken. */
  readonly durability: RedisDurability | null
  /** Replicas that must have a commit; of the level `replicated` only. */
  readonly replicas: number
  /** Longest wait for them, in ms. */
  readonly waitMs: number
}

/** The settings that name a level. */
export interface DurabilitySettings {
  /**
   * What must not be lost; every master is asked at `open()` whether it does so, and refused when
   * it does not. Default: what the servers do is taken, and told.
   */
  readonly durability?: RedisDurability
  /** Of the level `replicated`: how many replicas must have a commit; default 1. */
  readonly replicas?: number
  /** Of the level `replicated`: longest wait for them; default half of `commandTimeoutMs`. */
  readonly replicasWithinMs?: number
}

/** Looks through the settings; throws CHP_SETTING_INVALID, naming the one that cannot be used. */
export function demandOf(settings: DurabilitySettings, commandTimeoutMs: number): Demand {
  const { durability = null, replicas = 1 } = settings
  const { replicasWithinMs: waitMs = Math.floor(commandTimeoutMs / 2) } = settings
  if (durability !== null && !LEVELS.includes(durability)) {
    fail('CHP_SETTING_INVALID', `\`durability\` must be one of ${LEVELS.join(', ')}, or not set.`)
  }
  const isReplicated = durability === 'replicated'
  for (const name of ['replicas', 'replicasWithinMs'] as const) {
    if (settings[name] === undefined || isReplicated) continue
    fail('CHP_SETTING_INVALID', `\`${name}\` needs the level replicated in \`durability\`.`)
  }
  if (!Number.isInteger(replicas) || replicas < 1) {
    fail('CHP_SETTING_INVALID', '`replicas` must be a whole number from 1 up.')
  }
  // A call that is given up earlier than its wait would never be answered.
  if (!Number.isInteger(waitMs) || waitMs < 1 || waitMs >= commandTimeoutMs) {
    const range = `from 1 up, below commandTimeoutMs (${commandTimeoutMs})`
    fail('CHP_SETTING_INVALID', `\`replicasWithinMs\` must be a whole number ${range}.`)
  }
  return { durability, replicas, waitMs }
}
