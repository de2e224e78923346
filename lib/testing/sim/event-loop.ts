/** Lets the event loop turn this often: every promise that can settle does. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>(resolve => {
      setImmediate(resolve)
    })
  }
}
