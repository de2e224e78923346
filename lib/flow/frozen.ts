/** Freezes a value of plain data, whole; what is frozen already is taken as frozen whole. */
export function frozen<A>(value: A): A {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
