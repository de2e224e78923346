import { formReplies, formScript } from './form-bot.ts'

/** One message of the form, and how its answer must end. */
export interface FormTurn {
  readonly says: string
  readonly hears: string
}

/** So many turns of the form, round after round. */
export function formTalk(turns: number): readonly FormTurn[] {
  const talk: FormTurn[] = []
  for (let round = 0; talk.length < turns; round += 1) {
    const replies = formReplies(round, round)
    formScript(round).forEach((says, at) => talk.push({ says, hears: replies[at] ?? '' }))
  }
  return talk.slice(0, turns)
}
