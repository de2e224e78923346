import assert from 'node:assert/strict'
import type { Memory } from '../../../lib/runtime/memory.ts'
import type { Cause } from '../../../lib/runtime/planned.ts'
import { metBy } from '../../../lib/runtime/recovery/held-back.ts'
import { ADDRESS } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'

describe('an event that meets the way back to the menu', () => {
  const content = { kind: 'text', text: 'hi' } as const
  const event = { kind: 'Inbound', id: 'm', content, arrivedAtMs: 1 } as const
  const cause: Cause = { event, fromInbox: false, parked: null, fault: null }
  const commit = { epoch: 'e', version: 1, nonce: 'n' }
  const record = chainProgram().initial(ADDRESS, { nowMs: 1, seed: 1, commit })
  const recovery = { rung: 3 } as Memory['recovery']

  it('is parked', () => {
    assert.equal(metBy({ recovery, record }, cause).parked?.how, 'recovery')
  })

  it('waits like any other while an operator holds the conversation', () => {
    const held = { at: 1, by: 'eve', told: false }
    const kept = { ...record, meta: { ...record.meta, held } }
    assert.equal(metBy({ recovery, record: kept }, cause), cause)
  })
})
