export * as net from 'node:net'

/** A function that must not be called: where it stands, and its name. */
export type Trap = readonly [where: object, name: string]

/** Runs something while calls of these functions are written down. */
export async function trapped(
  traps: readonly Trap[],
  run: () => Promise<void>
): Promise<{ readonly reached: readonly string[] }> {
  const reached: string[] = []
  const undo: (() => void)[] = []
  for (const [where, name] of traps) {
    const own = Object.getOwnPropertyDescriptor(where, name)
    const real: unknown = Reflect.get(where, name)
    const caught = function (this: unknown, ...args: readonly unknown[]): unknown {
      reached.push(name)
      return Reflect.apply(real as () => unknown, this, args)
    }
    Object.defineProperty(where, name, { value: caught, configurable: true, writable: true })
    undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(where, name)
      else Object.defineProperty(where, name, own)
    })
  }
  try {
    await run()
  } finally {
    for (const restore of undo) restore()
  }
  return { reached }
}
