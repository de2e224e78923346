/** Looks again and again until a fact of another process holds; rejects when it takes too long. */
export async function eventually(
  holds: () => Promise<boolean>,
  { withinMs = 20_000, everyMs = 20 } = {}
): Promise<void> {
  const until = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${String(holds)}`)
    await new Promise(resolve => setTimeout(resolve, everyMs))
  }
}
