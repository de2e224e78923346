import { SLOT_TAGS } from './slot-tags.ts'

/** How many slots a Cluster has. */
export const SLOTS = 16_384

// Our keys have one of 256 tags, and looking one up costs a tenth of computing it.
const known = new Map(SLOT_TAGS.map((tag, at) => [tag, 64 * at]))

/** The slot of a key, as every Cluster computes it: CRC16-XMODEM of its tag or of all of it. */
export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key
  return known.get(hashed) ?? crc16(Buffer.from(hashed)) % SLOTS
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
    }
  }
  return crc
}
