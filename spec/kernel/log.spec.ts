import assert from 'node:assert/strict'
import { silentLog } from '../../lib/kernel/log.ts'

describe('silentLog', () => {
  it('says nothing, at every level', () => {
    const levels = ['debug', 'info', 'warn', 'error'] as const
    for (const level of levels) assert.equal(silentLog[level]({ event: 'x' }, 'x'), undefined)
  })
})
