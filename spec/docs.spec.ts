import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { readSettings } from '../examples/ledger/settings.ts'
import { LIMITS } from '../lib/runtime/parts.ts'
import { BOUNDS } from '../lib/store/conversation-store.ts'
import { asInstalled, DocSources, isSource, quotedFile } from './support/doc-sources.ts'
import { type CodeBlock, type Page, pageOf } from './support/markdown.ts'

const paths = ['README.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('examples')]
const pages = paths.map(path => pageOf(path, readFileSync(path, 'utf8')))
const page = (path: string): Page =>
  pages.find(known => known.path === path) ?? assert.fail(`there is no ${path}`)
const blocks = pages.flatMap(known => known.blocks)
const sources = blocks.filter(isSource)

describe('the code in the docs', function () {
  this.timeout(60_000)
  const written = new DocSources('docs', sources)

  it('is there to be checked', () => {
    assert.ok(sources.some(block => block.page === 'README.md'))
    assert.ok(sources.some(block => block.marks.includes('run')))
  })

  it('fits the sources', () => {
    nothing(written.problems())
  })

  it('is what the quoted files say', () => {
    const quoted = sources.filter(block => quotedFile(block) !== null)
    assert.ok(quoted.length > 0)
    for (const block of quoted) {
      const source = readFileSync(quotedFile(block) ?? '', 'utf8')
      assert.equal(block.code, asInstalled(source), placeOf(block))
    }
  })

  for (const block of sources.filter(({ marks }) => marks.includes('run')))
    it(`runs to its end: ${placeOf(block)}`, () => {
      const { code, said } = written.run(block)

      assert.equal(code, 0, said)
    })

  it('would be named if it did not fit, with its page and line', () => {
    const code = "import { createRuntimes } from 'chaperone'\n"
    const wrong = { page: 'docs/a.md', line: 7, language: 'ts', marks: [], code, given: null }

    const [problem] = new DocSources('docs-wrong', [wrong]).problems()

    assert.match(problem ?? '', /^docs\/a\.md\(7,10\): error .*createRuntimes/)
  })
})

describe('the decisions', () => {
  it('have a number each, which their titles bear', () => {
    const files = readdirSync('docs/decisions').sort()
    const numbers = files.map(file => file.slice(0, 4))

    assert.deepEqual(
      numbers,
      files.map((_, index) => String(index + 1).padStart(4, '0'))
    )
    for (const file of files) {
      const [title] = readFileSync(join('docs/decisions', file), 'utf8').split('\n')
      assert.ok(title?.startsWith(`# ${Number(file.slice(0, 4))}. `), `${file}: ${title}`)
    }
  })
})

describe('the first bot', () => {
  it('takes fewer than sixty lines, its server included', () => {
    const [bot, host] = ['bot', 'host'].map(name =>
      readFileSync(`examples/first-bot/${name}.ts`, 'utf8').trimEnd().split('\n')
    )

    assert.ok((bot?.length ?? 60) + (host?.length ?? 60) < 60)
  })
})

describe('the commands in the docs', () => {
  const makefile = readFileSync('Makefile', 'utf8')
  const targets = [...makefile.matchAll(/^([a-z-]+):/gm)].map(([, target = '']) => target)
  const variables = [...makefile.matchAll(/\$\(([A-Z]+)\)/g)].map(([, name = '']) => name)
  const shells = blocks.filter(({ language }) => ['sh', 'bash', 'shell'].includes(language))

  it('are there to be checked', () => {
    assert.ok(shells.length > 0)
    assert.ok(targets.includes('start') && targets.includes('test'))
  })

  it('name targets that the Makefile has', () => {
    const named = [
      ...shells.flatMap(block => commandsIn(block.code).map(text => [placeOf(block), text])),
      ...pages.flatMap(({ path, spans }) =>
        spans.map(({ line, text }) => [`${path}:${line}`, text])
      )
    ].flatMap(([place = '', text = '']) => {
      const target = /^(?:[A-Z_]+=\S* )*make ([a-z-]+)/.exec(text)?.[1]
      return target === undefined || targets.includes(target) ? [] : [`${place} make ${target}`]
    })
    nothing(named)
  })

  it('name settings that are read', () => {
    const known = new Set([...settingsRead().names, ...variables, ...chatSettings()])
    const named = shells.flatMap(block =>
      [...block.code.matchAll(/(?<![\w$])([A-Z][A-Z_]+)=/g)].flatMap(([, name = '']) =>
        known.has(name) ? [] : [`${placeOf(block)} ${name}`]
      )
    )
    nothing(named)
  })

  it('name files that are there', () => {
    const named = shells.flatMap(block =>
      [...block.code.matchAll(/(?<!\S)((?:examples|spec|lib|bench)\/[\w./-]+)/g)].flatMap(
        ([, path = '']) => (existsSync(path) ? [] : [`${placeOf(block)} ${path}`])
      )
    )
    nothing(named)
  })
})

describe('the links in the docs', () => {
  it('lead to files that are there', () => {
    const links = pages.flatMap(known => known.links).filter(({ target }) => !isElsewhere(target))
    assert.ok(links.length > 20)
    const broken = links.filter(({ page: from, target }) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? from : normalize(join(dirname(from), path))
      if (!existsSync(file)) return true
      if (anchor === undefined || !file.endsWith('.md')) return false
      return !pageOf(file, readFileSync(file, 'utf8')).anchors.has(anchor)
    })
    nothing(broken.map(({ page: from, line, target }) => `${from}:${line} ${target}`))
  })

  it('and the paths in backticks, too', () => {
    const path = /^(?:lib|spec|docs|examples|config|bench|\.ci)\/[\w./-]*$/
    const missing = pages.flatMap(({ path: from, spans }) =>
      spans.flatMap(({ line, text }) =>
        path.test(text) && !existsSync(text) ? [`${from}:${line} ${text}`] : []
      )
    )
    nothing(missing)
  })
})

describe('the settings table of the README', () => {
  const rows = tableUnder(page('README.md'), 'Settings')
  const { names, defaults } = settingsRead()

  it('lists what the bot server reads, and nothing else', () => {
    assert.deepEqual(rows.map(([name]) => plain(name)).sort(), [...names].sort())
  })

  it('says the defaults that it takes', () => {
    for (const [name, standard] of defaults) {
      const [, said] = rows.find(([cell]) => plain(cell) === name) ?? []
      assert.equal(plain(said), standard, name)
    }
  })
})

describe('the tables of docs/operating.md', () => {
  for (const [heading, bounds] of [
    ['Limits', LIMITS],
    ['Bounds of the stores', BOUNDS]
  ] as const)
    it(`list all there are with their values: ${heading}`, () => {
      const rows = tableUnder(page('docs/operating.md'), heading)
      const said = rows.map(([name, value]) => [plain(name), Number(value?.replaceAll(',', ''))])

      assert.deepEqual(Object.fromEntries(said), { ...bounds })
    })

  it('name only log events that somebody writes', () => {
    const rows = tableUnder(page('docs/operating.md'), 'What the log says')
    const written = filesIn('lib')
      .concat(filesIn('examples'))
      .map(path => readFileSync(path, 'utf8'))
    const missing = rows
      .map(([event]) => plain(event))
      .filter(event => !written.some(source => source.includes(`event: '${event}'`)))

    assert.ok(rows.length > 5)
    nothing(missing)
  })
})

describe('the doors of the package', () => {
  it('are all named in the README', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly exports: Readonly<Record<string, unknown>>
    }
    const doors = Object.keys(exports)
      .filter(door => !door.endsWith('.json'))
      .map(door => door.replace('.', 'chaperone'))

    const named = tableUnder(page('README.md'), 'Where to look next').map(([door]) => plain(door))

    assert.deepEqual(
      doors.filter(door => !named.includes(door)),
      []
    )
  })
})

/** The settings that the bot server asks its environment for, and what it takes without them. */
function settingsRead(): { names: Set<string>; defaults: (readonly [string, string])[] } {
  const names = new Set<string>()
  const asked = (env: Record<string, string>) =>
    new Proxy(env, {
      get: (target, name) => {
        names.add(String(name))
        return target[String(name)]
      }
    })
  const settings = readSettings(asked({}))
  const number = { WHATSAPP_ACCESS_TOKEN: 't', WHATSAPP_PHONE_NUMBER_ID: '1' }
  const whatsapp = readSettings(asked({ WHATSAPP_APP_SECRET: 's', ...number }))
  if (!('host' in settings)) return assert.fail('an empty environment is refused')
  if (!('host' in whatsapp)) return assert.fail('a whole WhatsApp account is refused')
  const { host, port, dataDir, logLevel, ledgerControl, metrics } = settings
  const defaults = [
    ['HOST', host],
    ['PORT', String(port)],
    ['DATA_DIR', dataDir],
    ['LOG_LEVEL', logLevel],
    ['METRICS', metrics === null ? 'off' : 'on'],
    ['METRICS_TOKEN', metrics?.token ?? 'none'],
    ['LEDGER_CONTROL', ledgerControl ? 'on' : 'off'],
    ['REDIS_URL', settings.redis === null ? 'none' : 'one'],
    ['REDIS_SENTINELS', settings.redis === null ? 'none' : 'one'],
    ['REDIS_CLUSTER', settings.redis === null ? 'none' : 'one'],
    ['LEDGER_URL', settings.ledgerUrl ?? 'none'],
    ['SUPERVISION_POLICY', settings.policyFile ?? 'none'],
    ['WHATSAPP_APP_SECRET', settings.whatsapp?.appSecret ?? 'none'],
    ['WHATSAPP_VERIFY_TOKEN', whatsapp.whatsapp?.verifyToken ?? 'none'],
    ['WHATSAPP_API_URL', whatsapp.whatsapp?.apiUrl ?? 'none']
  ] as const
  return { names, defaults: [...defaults] }
}

/** Settings of the small examples, which read them where they start. */
function chatSettings(): readonly string[] {
  return filesIn('examples')
    .filter(path => !path.startsWith('examples/ledger/'))
    .flatMap(path => [...readFileSync(path, 'utf8').matchAll(/\b([A-Z][A-Z_]{2,})\b/g)])
    .map(([name]) => name)
}

function tableUnder({ path, tables }: Page, heading: string): readonly (readonly string[])[] {
  const table = tables.find(known => known.heading === heading)
  return table?.rows.slice(1) ?? assert.fail(`${path} has no table under "${heading}"`)
}

function plain(cell = ''): string {
  return cell.replaceAll('`', '')
}

function placeOf({ page: path, line }: CodeBlock): string {
  return `${path}:${line}`
}

function commandsIn(code: string): readonly string[] {
  return code.split('\n').flatMap(line => line.split(/&&|\|\||;/).map(part => part.trim()))
}

function isElsewhere(target: string): boolean {
  return /^[a-z]+:/.test(target)
}

function pagesIn(folder: string): readonly string[] {
  return filesIn(folder).filter(path => path.endsWith('.md'))
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => /\.\w+$/.test(path))
    .sort()
}

function nothing(found: readonly string[]): void {
  assert.ok(found.length === 0, `\n${found.join('\n')}\n`)
}
