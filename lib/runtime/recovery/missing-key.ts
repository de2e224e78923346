const SEALED_BY = /"\$sealed":"([A-Za-z0-9_-]{1,32})\./g

/**
 * True when a secret of this record may not open for want of its key: no other record of the
 * conversation that could be read was sealed with the same one, so nothing shows that it is here.
 */
export function isKeyMissing(text: string, readable: readonly string[]): boolean {
  const here = new Set(readable.flatMap(keysIn))
  return keysIn(text).some(key => !here.has(key))
}

/** The ids of the keys that secrets of a record are sealed with. */
export function keysIn(text: string): readonly string[] {
  return Array.from(text.matchAll(SEALED_BY), ([, key]) => key!)
}
