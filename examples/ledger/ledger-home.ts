import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { DirectoryHeld } from './service/journal-lock.ts'
import { createLedgerService } from './service/ledger-service.ts'
import { systemClock, systemRandom } from './service/surroundings.ts'

/** Where the bot reaches its ledger, and how to end what was started for it. */
export interface LedgerHome {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the ledger service of this data directory, or joins the one that runs on it.
 *
 * Its address is kept beside the journal and used again, so that several bot servers of one
 * machine find the same ledger, also after one of them was restarted.
 */
export async function ledgerHome(
  dataDir: string,
  { control, logger }: { control: boolean; logger: Logger }
): Promise<LedgerHome> {
  const directory = join(dataDir, 'ledger')
  await mkdir(directory, { recursive: true })
  const addressFile = join(directory, 'url')
  const known = await readFile(addressFile, 'utf8').catch(() => '')
  try {
    const service = await createLedgerService({
      clock: systemClock,
      random: systemRandom,
      logger,
      directory,
      control
    })
    const { url } = await listenAt(service, known).catch(async (error: unknown) => {
      await service.close()
      throw error
    })
    await writeFile(addressFile, url, { mode: 0o600 })
    return { url, close: () => service.close() }
  } catch (error) {
    if (!(error instanceof DirectoryHeld) || !URL.canParse(known)) throw error
    logger.info({ event: 'ledger.joined', url: known }, 'another process runs the ledger here')
    return { url: known, close: () => Promise.resolve() }
  }
}

async function listenAt(
  service: Awaited<ReturnType<typeof createLedgerService>>,
  known: string
): Promise<{ readonly url: string }> {
  const port = URL.canParse(known) ? Number(new URL(known).port) : 0
  try {
    return await service.listen({ port })
  } catch (error) {
    // The port went to someone else meanwhile; joined servers find the new one when restarted.
    if (port === 0 || !(error instanceof Error) || !('code' in error)) throw error
    return service.listen()
  }
}
