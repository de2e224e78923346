import { fail } from '../kernel/failure.ts'
import type { StoreSecrets } from './conversation-store.ts'

/** The way conversations are laid out in a store; a store of a newer one is left alone. */
const LAYOUT = 1
const SECRET_BYTES = 32

/** The row a store keeps once: its layout and the keys its processes share. */
export function layoutRow({ idKey, sealKey }: StoreSecrets): string {
  return JSON.stringify({ layout: LAYOUT, idKey: spelt(idKey), sealKey: spelt(sealKey) })
}

/** Reads the row back; fails with CHP_STORE_LAYOUT for one that this version cannot use. */
export function secretsOf(row: string): StoreSecrets {
  const fields = parsed(row)
  const layout = fields['layout']
  if (layout !== LAYOUT) {
    return fail(
      'CHP_STORE_LAYOUT',
      typeof layout === 'number'
        ? `The store has layout ${layout}, this version reads layout ${LAYOUT}.`
        : 'The layout row of the store does not read.'
    )
  }
  return { idKey: keyOf(fields, 'idKey'), sealKey: keyOf(fields, 'sealKey') }
}

function parsed(row: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(row)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch (error) {
    return fail('CHP_STORE_LAYOUT', 'The layout row of the store does not read.', error)
  }
}

function keyOf(fields: Readonly<Record<string, unknown>>, name: string): Uint8Array {
  const text = fields[name]
  const key = Uint8Array.from(Buffer.from(typeof text === 'string' ? text : '', 'base64url'))
  return key.length === SECRET_BYTES
    ? key
    : fail('CHP_STORE_LAYOUT', `The layout row of the store holds no usable ${name}.`)
}

function spelt(key: Uint8Array): string {
  return Buffer.from(key).toString('base64url')
}
