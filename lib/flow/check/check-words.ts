import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'
import { specOf } from '../build.ts'
import { wordOf } from '../word.ts'
import { at, type Finding, stepsOf } from './finding.ts'
import { componentOf } from './leads.ts'

/** Command words that are empty, said twice, or an answer at some step. */
export function checkWords({ commands, flows }: BotSpec<Core>): readonly Finding[] {
  const owners = new Map<string, string>()
  const findings: Finding[] = []
  for (const [name, { words }] of Object.entries(commands ?? {}))
    for (const word of words) {
      const other = owners.get(wordOf(word))
      if (wordOf(word) === '') findings.push(bot(`command "${name}" has an empty word`))
      else if (other !== undefined && other !== name)
        findings.push(bot(`the word "${word}" belongs to "${other}" and to "${name}"`))
      owners.set(wordOf(word), name)
    }
  const collisions = stepsOf(flows).flatMap(placed =>
    (componentOf(placed)?.words?.(specOf(placed.node)) ?? [])
      .map(word => ({ word, owner: owners.get(wordOf(word)) }))
      .filter(({ owner }) => owner !== undefined)
      .map(({ word, owner }) =>
        at(placed, 'word', `the answer "${word}" is a word of command "${owner}"`)
      )
  )
  return [...findings, ...collisions]
}

function bot(says: string): Finding {
  return { kind: 'word', flow: null, step: null, says }
}
