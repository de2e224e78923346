import { lmdbHome } from '../../../../examples/ledger/transcript/lmdb-home.ts'
import { playsEveryCase } from './plays-every-case.ts'

describe('every case holds on the embedded store', () => {
  playsEveryCase('lmdb', () => lmdbHome)
})
