/** A typed word in the form in which words are compared: normalised, trimmed, lower case. */
export function wordOf(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase()
}
