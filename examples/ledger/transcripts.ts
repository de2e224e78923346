import { statSync } from 'node:fs'
import { botOf } from './transcript/bot-of.ts'
import { lmdbHome } from './transcript/lmdb-home.ts'
import { linesOf, playFile, transcriptsIn } from './transcript/play-folder.ts'
import { redisHome } from './transcript/redis-home.ts'
import { startRedis } from './transcript/redis-server.ts'
import type { Stage } from './transcript/world.ts'

// node transcripts.js [--store lmdb|redis|both] <folder>: plays every transcript of a folder.
// Exit code 1 when a case has a miss or when there is no case, 2 when it is not asked right.
const asked = askedFor(process.argv.slice(2))
if (asked === null) {
  process.stderr.write('transcripts: say [--store lmdb|redis|both] and a folder of transcripts\n')
  process.exitCode = 2
} else {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
  const redis = asked.store === 'lmdb' ? null : await startRedis()
  try {
    const stages = new Map<string, Stage>()
    if (asked.store !== 'redis') stages.set('lmdb', { store: lmdbHome, bot: botOf })
    if (redis !== null) stages.set('redis', { store: redisHome(redis), bot: botOf })
    process.exitCode = (await playAll(asked.folder, stages)) ? 0 : 1
  } finally {
    await redis?.stop()
  }
}

async function playAll(folder: string, stages: ReadonlyMap<string, Stage>): Promise<boolean> {
  const files = await transcriptsIn(folder)
  if (files.length === 0) process.stdout.write(`no transcript in ${folder}\n`)
  let missed = files.length === 0
  for (const file of files) {
    for (const played of await playFile(file, stages)) {
      process.stdout.write(`${linesOf(played).join('\n')}\n`)
      missed ||= played.misses.length > 0
    }
  }
  return !missed
}

function askedFor(args: readonly string[]): { store: string; folder: string } | null {
  const at = args.indexOf('--store')
  const store = at < 0 ? 'both' : args[at + 1]
  const rest = at < 0 ? args : args.filter((_, index) => index !== at && index !== at + 1)
  const [folder] = rest
  if (folder === undefined || rest.length > 1) return null
  if (store !== 'lmdb' && store !== 'redis' && store !== 'both') return null
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? { store, folder }
    : null
}
