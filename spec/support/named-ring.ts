import type { Program } from '../../lib/conversation/program.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { type KeyRing, keyRing } from '../../lib/store/seal.ts'
import { type ChainOptions, chainProgram } from './chain-program.ts'

/** A ring of keys by their names, parted by commas: the first seals. */
export function ringNamed(names: string): KeyRing {
  const all = names.split(',')
  const keys = all.map(name => [name, new Uint8Array(32).fill(name.charCodeAt(1))] as const)
  return keyRing({ active: all[0] ?? '', keys: Object.fromEntries(keys) })
}

/** The chain bot, each of whose members has a token, which is sealed in every record. */
export function tokenBot(options: ChainOptions = {}): Program {
  const bot = chainProgram(options)
  return {
    ...bot,
    initial: (channel, at) => {
      const first = bot.initial(channel, at)
      const token = { value: Secret.of(`token of ${channel.user}`), refreshes: 0, setAt: 0 }
      return { ...first, core: { ...first.core, token } }
    }
  }
}
