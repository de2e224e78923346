import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { RULES } from '../../../lib/channel/whatsapp/send-error.ts'
import { LIMITS } from '../../../lib/channel/whatsapp/unfit.ts'

const page = readFileSync('docs/whatsapp.md', 'utf8')
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| '))
  .map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim())
  )

describe('docs/whatsapp.md', () => {
  it('shows every code with an action of its own, and no other', () => {
    const shown = rows.filter(([code]) => /^\d{1,2}$|^\d{3}$|^\d{5,6}$/.test(code ?? ''))
    const codes = shown.filter(([, what]) => /^(later|refuse|drop|alarm): /.test(what ?? ''))

    assert.deepEqual(
      codes,
      [...RULES].map(([code, { act, why, afterMs }]) => [
        String(code),
        `${act}: ${why}`,
        afterMs === undefined ? '' : `${afterMs / 1000} s`
      ])
    )
  })

  const limits: readonly (readonly [string, number])[] = [
    ['text', LIMITS.text],
    ['button message: body', LIMITS.buttonsBody],
    ['buttons', LIMITS.buttons],
    ['button title', LIMITS.buttonTitle],
    ['button id, with its prompt instance and the bar between', LIMITS.buttonId],
    ['list message: body', LIMITS.listBody],
    ['list button', LIMITS.listButton],
    ['sections', LIMITS.sections],
    ['section title', LIMITS.sectionTitle],
    ['rows over all sections', LIMITS.rows],
    ['row title', LIMITS.rowTitle],
    ['row id, with its prompt instance and the bar between', LIMITS.rowId],
    ['row description', LIMITS.rowDescription],
    ['header, footer', LIMITS.header],
    ['media caption', LIMITS.caption],
    ['media link', LIMITS.link],
    ['template', LIMITS.templateParameters]
  ]
  for (const [part, max] of limits)
    it(`says the limit of ${part}`, () => {
      const row = rows.find(([name]) => name === part)

      assert.equal(Number.parseInt(row?.[1] ?? '', 10), max)
    })
})
