import * as E from 'fp-ts/lib/Either.js'
import type { Channel, ChannelHost, Sent } from '../../channel/channel.ts'
import type { Address } from '../../conversation/address.ts'
import type { CallDefinition } from '../../conversation/program.ts'
import { optionsOf, type Reply } from '../../conversation/reply.ts'
import { pause } from '../../kernel/clock.ts'
import { never } from './life.ts'
import type { Network } from './network.ts'
import type { Weather } from './weather.ts'

/** The prompt that a member saw last. */
export interface Shown {
  readonly instance: string
  readonly options: readonly string[]
}

/** What members have on their screens, by user. */
export type Screens = Map<string, Shown>

const SEND_TIMEOUT_MS = 1_000

/** A channel whose sends may be refused, come late, or vanish. */
export function simulatedChannel(
  { clock, life, weather, crash }: Network,
  screens: Screens
): Channel<ChannelHost> {
  let host: ChannelHost | null = null
  return {
    name: 'chan',
    sendTimeoutMs: SEND_TIMEOUT_MS,
    unfit: () => null,
    mount: mounted => {
      host = mounted
      return mounted
    },
    send: async ({ address, key, reply }): Promise<Sent> => {
      if (!life.isAlive) return never()
      if (weather.strikes('crash')) {
        crash()
        return never()
      }
      if (weather.strikes('sendLost')) return never()
      await pause(clock, weather.between('send', 1, 40))
      if (weather.strikes('sendFails')) return later(weather)
      if (weather.strikes('sendRefused')) return refused(weather)
      show(screens, address, reply)
      if (host !== null) reportStatuses({ clock, life, weather }, host, address, key)
      if (weather.strikes('sendLate')) await pause(clock, SEND_TIMEOUT_MS * 2)
      if (life.isAlive && weather.strikes('crash')) crash()
      await life.awake()
      return { tag: 'sent', providerId: key }
    }
  }
}

/** What becomes of a sent reply is told late, doubled and in no order, or not at all. */
function reportStatuses(
  { clock, life, weather }: Pick<Network, 'clock' | 'life' | 'weather'>,
  host: ChannelHost,
  address: Address,
  providerId: string
): void {
  if (!weather.strikes('statuses')) return
  for (const status of ['sent', 'delivered', 'read', 'delivered', 'failed'] as const) {
    clock.after(weather.between('status', 0, 5_000), () => {
      if (life.isAlive) void host.status({ address, providerId, status, code: null })
    })
  }
}

/** What a member sees from now on. */
export function show(screens: Screens, { user }: Address, reply: Reply): void {
  const shown = shownBy(reply)
  if (shown !== null) screens.set(user, shown)
}

function later(weather: Weather): Sent {
  return { tag: 'later', afterMs: weather.between('later', 0, 1_500), why: 'as drawn' }
}

function refused(weather: Weather): Sent {
  if (weather.between('refusal', 0, 3) === 0) return { tag: 'dropped', why: 'as drawn' }
  return { tag: 'refused', why: 'as drawn', code: String(weather.between('refusal', 1, 3)) }
}

function shownBy(reply: Reply): Shown | null {
  if (reply.kind !== 'buttons' && reply.kind !== 'list') return null
  return { instance: reply.instance, options: optionsOf(reply).map(({ id }) => id) }
}

/** What the outside service did, by key; it may have been drawn to ignore that it did it before. */
export class Service {
  readonly done = new Map<string, number>()
  readonly honoursKeys: boolean

  constructor(weather: Weather) {
    this.honoursKeys = weather.between('keys', 0, 2) > 0
  }

  do(key: string): void {
    const before = this.done.get(key) ?? 0
    this.done.set(key, this.honoursKeys ? 1 : before + 1)
  }
}

/** What a login that is refused gives back, to bots that declare such an outcome. */
const UNKNOWN_MEMBER = { outcome: 'memberUnknown', output: null }

/**
 * A call of the bot as one process makes it: it may be slow, fail before it is done, or lose its
 * answer after.
 */
export function simulatedCall(
  call: CallDefinition,
  { clock, life, weather, crash }: Network,
  service: Service
): CallDefinition {
  const readBack: CallDefinition['readBack'] = (input, context) => async () => {
    if (!life.isAlive) return never()
    if (weather.strikes('crash')) crash()
    await pause(clock, weather.between('call', 1, 200))
    if (weather.strikes('callFails')) return E.left({ tag: 'unavailable', detail: 'as drawn' })
    const isDone = service.done.has(context.key)
    const answer = isDone ? await call.run(input, context)() : E.right(null)
    await life.awake()
    return answer
  }
  return {
    ...call,
    ...(call.readBack === undefined ? {} : { readBack }),
    timeoutMs: 2_000,
    run: (input, context) => async () => {
      if (!life.isAlive) return never()
      if (weather.strikes('crash')) crash()
      const isSlow = weather.strikes('callSlow')
      await pause(clock, weather.between('call', 1, isSlow ? 6_000 : 200))
      const isLogin = context.key.endsWith('.login')
      if (!isLogin && weather.strikes('unauthorised')) return E.left({ tag: 'unauthorised' })
      if (isLogin && weather.strikes('unauthorised')) return E.right(UNKNOWN_MEMBER)
      if (weather.strikes('callFails')) return E.left({ tag: 'unavailable', detail: 'as drawn' })
      service.do(context.key)
      const answer = await call.run(input, context)()
      if (weather.strikes('callLost')) return never()
      if (life.isAlive && weather.strikes('crash')) crash()
      await life.awake()
      return answer
    }
  }
}
