import type { AlarmNotice } from './alarms.ts'

const WITHIN_MS = 5_000

/** Posts an alarm as JSON; rejects when it is not answered within 5 s, or not by a 2xx. */
export async function postAlarm(url: string, notice: AlarmNotice): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(notice),
    redirect: 'error',
    signal: AbortSignal.timeout(WITHIN_MS)
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
}
