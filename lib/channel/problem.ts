/** Why a channel cannot show a part of a reply: the part and its limit; null when it can. */
export type Problem = string | null

/** The first of these, or null when there is none. */
export function firstOf(problems: readonly Problem[]): Problem {
  return problems.find(problem => problem !== null) ?? null
}

/** A text that must be there, of at most so many UTF-16 units. */
export function measured(part: string, text: string, max: number): Problem {
  return text.trim() === '' ? `${part}: empty` : atMost(part, text, max)
}

/** A text that may be missing or empty. */
export function atMost(part: string, text: string | undefined, max: number): Problem {
  if (text === undefined || text.length <= max) return null
  return `${part}: ${text.length} characters, at most ${max}`
}

export function counted(part: string, count: number, min: number, max: number): Problem {
  return count < min || count > max ? `${part}: ${count}, allowed are ${min} to ${max}` : null
}

export function unique(part: string, values: readonly string[]): Problem {
  return new Set(values).size < values.length ? `${part}: not all different` : null
}

/** The address of a medium that the channel or the page fetches by itself. */
export function fetchable(part: string, link: string, max: number): Problem {
  const isWeb = /^https?:\/\/[^\s/]/i.test(link)
  return measured(part, link, max) ?? (isWeb ? null : `${part}: not an http or https address`)
}
