// A program written by hand, with a property that a bot has too.
import { chainProgram } from '../chain-program.ts'

export const bot = { ...chainProgram(), spec: { name: 'mine' } }
