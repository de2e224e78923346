/** Transactions of this process that are under way. */
let underWay = 0
let isHeard = false

/**
 * Lets a transaction keep nobody from ending the process.
 *
 * The library writes in a thread that asks the process for each change, and an exit waits for that
 * thread: `process.exit` would wait for ever, and hold the lock of all other processes (lmdb 3.5).
 * So while a transaction is under way the process is ended as by `kill -9`, which is safe.
 */
export async function leavable<T>(transaction: () => Promise<T>): Promise<T> {
  if (!isHeard) process.on('exit', leaveAtOnce)
  isHeard = true
  underWay += 1
  try {
    return await transaction()
  } finally {
    underWay -= 1
  }
}

function leaveAtOnce(): void {
  if (underWay > 0) process.kill(process.pid, 'SIGKILL')
}
