import type { FlowFrame, Validation } from '../../conversation/record.ts'
import type { Reply, ReplyOption } from '../../conversation/reply.ts'
import { specOf } from '../build.ts'
import { ownText } from '../catalogue.ts'
import type { Shown, ShownOption } from '../component.ts'
import type { Text } from '../text.ts'
import { FRESH, flowOf, stepOf } from './frame.ts'
import { emit, labelOf, ordinalOf, setFlow, type Turn, viewOf, words } from './turn.ts'

const BUTTONS_MAX = 3
const BUTTON_LABEL_MAX = 20

/** Opens a prompt of the step at hand; `said` stands in the place of the step's own words. */
export function open(
  turn: Turn,
  shown: Shown,
  { said = null, validation = FRESH }: { said?: string | null; validation?: Validation } = {}
): void {
  const { epoch, version, nonce } = turn.at.commit
  const instance = `${epoch}.${version}.${ordinalOf(turn)}.${nonce}`
  const options = Object.freeze(shown.options.map(({ id }) => id))
  const prompt = Object.freeze({ instance, step: turn.flow.step, options })
  setFlow(turn, { ...turn.flow, prompt, validation })
  const spoken = said ?? (shown.text === null ? null : words(turn, shown.text))
  if (spoken !== null) emit(turn, replyOf(turn, spoken, shown, instance))
}

/**
 * Says something while the prompt stays open: its options ride in the same message.
 *
 * The instance is kept, unless the options are others by now.
 */
export function remind(turn: Turn, said: string, validation: Validation): void {
  const { prompt, flow: name } = turn.flow
  if (prompt === null) return emit(turn, { kind: 'text', text: said })
  const shown = shownBy(turn, name, prompt.step)
  const frame: FlowFrame = { ...turn.flow, step: prompt.step, validation }
  if (!sameOptions(prompt.options, shown.options)) {
    setFlow(turn, frame)
    return open(turn, shown, { said, validation })
  }
  if (validation !== turn.flow.validation || prompt.step !== turn.flow.step) setFlow(turn, frame)
  emit(turn, replyOf(turn, said, shown, prompt.instance))
}

/** What an input step shows now. */
export function shownBy(turn: Turn, flow: string, step: string): Shown {
  const { node, component } = stepOf(flowOf(turn.build, flow), step)
  const entry = component.enter(specOf(node), viewOf(turn))
  return entry.tag === 'waits' ? entry.shown : { text: null, options: [] }
}

function sameOptions(open: readonly string[], now: readonly ShownOption[]): boolean {
  return open.length === now.length && now.every(({ id }, index) => open[index] === id)
}

function replyOf(turn: Turn, text: string, shown: Shown, instance: string): Reply {
  if (shown.options.length === 0) return { kind: 'text', text }
  const framed = {
    ...(shown.header === undefined ? {} : { header: words(turn, shown.header) }),
    ...(shown.footer === undefined ? {} : { footer: words(turn, shown.footer) })
  }
  const options = shown.options.map(option => labelled(turn, option))
  if ((shown.as ?? bestFor(options, shown)) === 'buttons')
    return { kind: 'buttons', text, instance, options, ...framed }
  return {
    kind: 'list',
    text,
    instance,
    button: words(turn, shown.button ?? ownText('options')),
    sections: sectionsOf(turn, shown.options, options),
    ...framed
  }
}

function labelled(turn: Turn, { id, label, description }: ShownOption): ReplyOption {
  const named = { id, label: labelOf(turn, label) }
  return description === undefined ? named : { ...named, description: labelOf(turn, description) }
}

function bestFor(options: readonly ReplyOption[], { options: shown }: Shown): 'buttons' | 'list' {
  const short = options.every(
    ({ label, description }) => label.length <= BUTTON_LABEL_MAX && description === undefined
  )
  const plain = shown.every(({ section }) => section === undefined)
  return options.length <= BUTTONS_MAX && short && plain ? 'buttons' : 'list'
}

function sectionsOf(
  turn: Turn,
  shown: readonly ShownOption[],
  options: readonly ReplyOption[]
): { readonly title: string; readonly options: readonly ReplyOption[] }[] {
  const sections: { title: string; options: ReplyOption[] }[] = []
  options.forEach((option, index) => {
    const title = labelOf(turn, titleOf(shown[index]))
    const last = sections.at(-1)
    if (last?.title === title) last.options.push(option)
    else sections.push({ title, options: [option] })
  })
  return sections
}

function titleOf(option: ShownOption | undefined): Text | string {
  return option?.section ?? ownText('options')
}
