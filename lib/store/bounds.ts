/**
 * Bounds every store enforces, with their units (design 3, 4.1, 4.3 and 7).
 *
 * What is full answers `full`, what is too large `oversize`; history is trimmed, and of parked rows
 * the newest are kept.
 */
export const BOUNDS = {
  recordBytes: 65_536,
  inboxRows: 32,
  undeliveredRows: 100,
  dedupeBuckets: 64,
  dedupeBucketIds: 160,
  dedupeSeconds: 691_200,
  dedupeVersions: 128,
  historyRowsMost: 36,
  historyRowsKept: 20,
  historyBytes: 65_536,
  parkedRows: 100,
  aliases: 16,
  tombstoneMs: 691_200_000
} as const
