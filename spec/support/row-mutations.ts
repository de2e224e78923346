import { crc32 } from 'node:zlib'
import { changedAt, otherThan, type Path, pathsIn, valueAt } from './paths-in.ts'

/** Damages one of these rows in a way that is drawn, its checksum computed again or as it was. */
export function mutatedRow(
  rows: readonly string[],
  whole: boolean,
  below: (count: number) => number
): { readonly row: { readonly from: string; readonly to: string }; readonly how: string } {
  const from = rows[below(rows.length)] ?? ''
  const { body, sum } = partsOf(from)
  const isJson = body.startsWith('{')
  const way = below(isJson ? 4 : 2)
  const at = below(body.length)
  const paths = isJson ? pathsIn(JSON.parse(`${body}}`)) : []
  const path = paths[below(paths.length)] ?? []
  const changed = [
    () => body.slice(0, at),
    () => flipped(body, at, below(7)),
    () => atPath(body, path, value => otherThan(value, below(3))),
    () => atPath(body, path, () => undefined)
  ][way]!()
  const how = `${isJson ? 'row' : 'sealed row'} ${['cut', 'bit', 'type', 'missing'][way]} ${at}`
  return { row: { from, to: withSum(changed, whole ? sumOf(changed) : sum, isJson) }, how }
}

/** A row without each field that it has, its checksum computed again. */
export function rowsWithoutEach(row: string): readonly { to: string; how: string }[] {
  const { body } = partsOf(row)
  if (!body.startsWith('{')) return []
  return pathsIn(JSON.parse(`${body}}`))
    .filter(path => typeof path.at(-1) === 'string')
    .map(path => {
      const to = atPath(body, path, () => undefined)
      return { to: withSum(to, sumOf(to), true), how: `row ${path.join('.')}` }
    })
}

/** What the checksum of a row is over, and that checksum. */
function partsOf(row: string): { readonly body: string; readonly sum: string } {
  const [whole = '', sum = ''] = /(?:,"sum":"|~)([0-9a-f]{8})(?:"\})?$/.exec(row) ?? []
  return { body: row.slice(0, row.length - whole.length), sum }
}

function withSum(body: string, sum: string, isJson: boolean): string {
  return isJson ? `${body},"sum":"${sum}"}` : `${body}~${sum}`
}

function sumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function flipped(text: string, at: number, bit: number): string {
  const bytes = Buffer.from(text)
  bytes[at] = bytes[at]! ^ (1 << bit)
  return bytes.toString()
}

function atPath(body: string, path: Path, to: (value: unknown) => unknown): string {
  const value: unknown = JSON.parse(`${body}}`)
  return JSON.stringify(changedAt(value, path, to(valueAt(value, path)))).slice(0, -1)
}
