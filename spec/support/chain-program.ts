export { type ChainOptions, chainProgram, foldOf } from '../../lib/testing/sim/chain-program.ts'
