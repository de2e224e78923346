import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { loaderOf, sourceOf } from '../support/child-program.ts'

describe('the command line program', function () {
  this.timeout(30_000)

  it('ends without a word of its own when nobody reads what it says', async () => {
    const program = sourceOf('lib/cli/chaperone.ts')
    const args = [...loaderOf(program), program, '--help']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const complaints: string[] = []
    child.stderr.setEncoding('utf8').on('data', text => complaints.push(String(text)))
    child.stdout.destroy()

    const [code] = (await once(child, 'exit')) as [number | null]

    assert.deepEqual([code, complaints.join('')], [0, ''])
  })
})
