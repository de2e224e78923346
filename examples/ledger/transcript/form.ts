import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { Entry } from './form-entry.ts'
import { Expectation, Final } from './form-expectation.ts'
import { Given } from './form-given.ts'
import { shapeProblems, strictShape } from './strict-shape.ts'

const TranscriptCodec = strictShape('a transcript', {
  name: t.string,
  note: t.string,
  tags: t.readonlyArray(t.string),
  given: Given,
  messages: t.readonlyArray(Entry, 'a list of entries'),
  expect: t.readonlyArray(Expectation, 'a list of expectations'),
  final: Final
})

/** One case: what is given, what is handed in, and what must be seen after each entry. */
export type Transcript = t.TypeOf<typeof TranscriptCodec>

/** Reads a transcript file whole, or says everything that is wrong with it, with its place. */
export function readTranscript(text: string): E.Either<readonly string[], Transcript> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    return E.left([`the file is no JSON: ${error instanceof Error ? error.message : 'unreadable'}`])
  }
  const decoded = TranscriptCodec.decode(json)
  if (E.isLeft(decoded)) return E.left(shapeProblems(decoded.left))
  const problems = contradictions(decoded.right)
  return problems.length > 0 ? E.left(problems) : decoded
}

function contradictions({ messages, expect, given, final }: Transcript): string[] {
  const ids = new Set(messages.map(({ id }) => id))
  const named = (place: string, id: string): string[] =>
    ids.has(id) ? [] : [`${place} names the unknown entry ${id}`]
  return [
    ...(messages.length === expect.length
      ? []
      : [`expect has ${expect.length} items, messages has ${messages.length}`]),
    ...messages.flatMap((entry, index) => entryProblems(messages, entry, index)),
    ...given.faults.flatMap(({ during }, index) => named(`given.faults.${index}.during`, during)),
    ...(final.sameIdempotencyKey ?? []).flatMap((id, index) =>
      named(`final.sameIdempotencyKey.${index}`, id)
    )
  ]
}

function entryProblems(messages: readonly Entry[], entry: Entry, index: number): string[] {
  const place = `messages.${index}`
  const earlier = messages.slice(0, index)
  const problems: string[] = []
  if (entry.at < (earlier.at(-1)?.at ?? 0)) problems.push(`${place}.at is before the one above`)
  if ('of' in entry && !earlier.some(({ id, at }) => id === entry.of && at < entry.at)) {
    problems.push(`${place}.of names no entry of an earlier time: ${entry.of}`)
  }
  if ('redelivery' in entry && !earlier.some(({ id }) => id === entry.id)) {
    problems.push(`${place}.redelivery repeats no entry above: ${entry.id}`)
  }
  return problems
}
