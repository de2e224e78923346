import type { SendAlarm } from './alarms.ts'

/** Posts an alarm as JSON; rejects when it is not answered by a 2xx. */
export const postAlarm: SendAlarm = async (url, notice, signal) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(notice),
    redirect: 'error',
    signal
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
}
