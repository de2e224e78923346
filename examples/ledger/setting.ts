export type Environment = Readonly<Record<string, string | undefined>>

/** Says that a setting cannot be used: its name, what is wrong, and what to do. */
export type Refuse = (setting: string, problem: string, hint: string) => void

/** An empty setting counts as unset, as in most shells and compose files. */
export function valueOf(env: Environment, name: string): string | undefined {
  const value = env[name]
  return value === '' ? undefined : value
}

/** Whether a text is an address with a host and one of these protocols. */
export function isUrl(text: string, protocols: readonly string[]): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && protocols.includes(url.protocol) && url.hostname !== ''
}
