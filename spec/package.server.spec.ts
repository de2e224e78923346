import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { APP_SECRET, messages, PHONE_NUMBER_ID } from './channel/whatsapp/a-post.ts'
import { type ChildProgram, startProgram } from './support/child-program.ts'
import { type EmptyFolder, emptyFolder, packed } from './support/empty-folder.ts'
import { ACCESS_TOKEN, type GraphStandIn, graphStandIn } from './support/graph-stand-in.ts'
import { pageOf } from './support/markdown.ts'
import { webhookClient } from './support/webhook-client.ts'
import { whatsAppMember } from './support/whatsapp-member.ts'

const USER = '15550009009'
const NAME = 'Zoë Ñandú 👩🏽‍🚀 – “déjà vu”'

describe('the package', () => {
  let tarballs: string
  let tarball: string
  let files: readonly string[]
  before(function () {
    this.timeout(60_000)
    tarballs = mkdtempSync(join(tmpdir(), 'chaperone-pack-'))
    const pack = packed(tarballs)
    tarball = pack.tarball
    files = pack.files
  })
  after(() => rmSync(tarballs, { recursive: true, force: true }))

  it('holds what is needed at run time and no source, spec or example', () => {
    for (const wanted of [
      'dist/store/redis/scripts/commit.lua',
      'dist/channel/webchat/page/index.html',
      'config/supervision.yaml',
      'docs/operating.md',
      'docs/decisions/0001-toolchain.md',
      'README.md',
      'LICENSE'
    ])
      assert.ok(files.includes(wanted), wanted)
    const strays = files.filter(
      file => /^(lib|spec|examples|bench)\//.test(file) || /(?<!\.d)\.ts$/.test(file)
    )
    assert.deepEqual(strays, [])
  })

  it('holds the pages and settings that its README leads to', () => {
    const { links } = pageOf('README.md', readFileSync('README.md', 'utf8'))
    const led = links
      .map(({ target }) => target.split('#')[0] ?? '')
      .filter(target => /^(docs|config)\/.+\.\w+$/.test(target))

    assert.ok(led.length > 5)
    assert.deepEqual(
      led.filter(target => !files.includes(target)),
      []
    )
  })

  describe('in an empty folder', () => {
    let folder: EmptyFolder
    before(() => {
      folder = emptyFolder(tarball, ['fast-check'])
    })
    after(() => folder?.remove())

    it('opens every door, each with its types', () => {
      const doors = Object.entries(folder.manifest.exports)
      const names = doors.map(([door]) => door.replace(/^\./, 'chaperone'))
      const code = `
        const found = {}
        for (const name of ${JSON.stringify(names.filter(name => !name.endsWith('.json')))})
          found[name] = Object.keys(await import(name)).length
        console.log(JSON.stringify(found))`

      const said = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: folder.path,
        encoding: 'utf8'
      })

      const found = JSON.parse(said) as Record<string, number>
      assert.ok(Object.keys(found).includes('chaperone/webchat'))
      for (const [name, count] of Object.entries(found)) assert.ok(count > 0, name)
      for (const [, door] of doors)
        if (typeof door !== 'string') assert.ok(files.includes(door.types.slice(2)), door.types)
    })

    it('shares with the bot what both import, in any version that fits', () => {
      const { dependencies } = folder.manifest
      for (const name of ['io-ts', 'fp-ts']) assert.match(dependencies[name] ?? '', /^\^\d/, name)
    })

    it('keeps what is behind its doors to itself', () => {
      const code =
        "import('chaperone/dist/runtime/runtime.js').then(() => 0, e => console.log(e.code))"

      const said = execFileSync(process.execPath, ['-e', code], {
        cwd: folder.path,
        encoding: 'utf8'
      })

      assert.match(said, /ERR_PACKAGE_PATH_NOT_EXPORTED/)
    })
  })

  for (const [app, besides] of [
    ['http-app', []],
    ['express-app', ['express']]
  ] as const)
    describe(`in an empty folder with ${app}`, () => {
      let folder: EmptyFolder
      let graph: GraphStandIn
      let server: ChildProgram
      let url: string
      before(async () => {
        folder = emptyFolder(tarball, besides)
        graph = await graphStandIn()
        await start()
      })
      after(async () => {
        await server?.end('SIGKILL')
        await graph?.close()
        folder?.remove()
      })

      const start = async () => {
        server = startProgram(join(folder.path, `${app}.js`), {
          DATA_DIR: join(folder.path, 'data'),
          GRAPH_URL: graph.url,
          APP_SECRET,
          ACCESS_TOKEN,
          PHONE_NUMBER_ID
        })
        url = String((await server.event('listening'))['url'])
      }
      const client = webhookClient(() => `${url}/webhook`)

      it('answers signed webhooks with emoji and accents, stops and starts cleanly', async () => {
        const member = whatsAppMember({ client, graph }, USER)
        await member.say('olá 🙂')
        await member.hears(/What is your name/)

        assert.equal(await server.end('SIGTERM'), 0, server.written())
        await start()
        await member.say(NAME)
        await member.hears(new RegExp(`^Welcome, ${NAME}!$`))

        member.heardAll()
        assert.equal(await server.end('SIGTERM'), 0, server.written())
        await start()
      })

      it('refuses what is not signed', async () => {
        assert.equal((await client.raw(JSON.stringify(messages.text()))).status, 401)
      })

      if (app === 'express-app')
        it('says by name that a body parser was mounted before the webhook', async () => {
          const tooLate = webhookClient(() => `${url}/too-late`)

          const { status, text } = await tooLate.once(messages.text())

          assert.equal(status, 500)
          assert.match(text, /CHP_BODY_PARSED: .*before express\.json\(\)/)
        })
    })
})
