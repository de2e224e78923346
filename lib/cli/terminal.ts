/** What a command is given beside its words. */
export interface Terminal {
  readonly say: (text: string) => void
  /** Aborted when somebody wants the command to end soon. */
  readonly signal: AbortSignal
}
