/** A place in a value, from the outside in. */
export type Path = readonly (string | number)[]

/** Every place in a value, the whole apart. */
export function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  const own: readonly Path[] = at.length === 0 ? [] : [at]
  if (typeof value !== 'object' || value === null) return own
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return [...own, ...keys.flatMap(key => pathsIn(Reflect.get(value, key), [...at, key]))]
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(inner as object, key), value)
}

export function changedAt(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const next = changedAt(Reflect.get(copy, key), rest, to)
  if (next !== undefined) Reflect.set(copy, key, next)
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else Reflect.deleteProperty(copy, key)
  return copy
}

export function otherThan(value: unknown, draw: number): unknown {
  const kinds: readonly unknown[] = ['text', 7, true, null, [], {}]
  const others = kinds.filter(
    other => typeof other !== typeof value || (other === null) !== (value === null)
  )
  return others[draw % others.length]
}
