import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { PrometheusMetrics } from '../../lib/ops.ts'

/** Serves what is counted at `/metrics`; where a token is set, only to who bears it. */
export function serveMetrics(
  app: FastifyInstance,
  metrics: PrometheusMetrics,
  token: string | null
): void {
  app.get('/metrics', async ({ headers: { authorization } }, reply) => {
    if (token !== null && !isSame(authorization ?? '', `Bearer ${token}`)) {
      return reply.code(401).header('www-authenticate', 'Bearer').send('a token is needed')
    }
    return reply
      .header('content-type', metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await metrics.text())
  })
}

/** Takes as long for what is nearly right as for what is wrong. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
