// Who may import whom in lib/. This table is the only place that says so; the longest matching
// place wins, so `runtime` may import the port `store` and not `store/redis`. A changed row needs
// a page in docs/decisions/.
const pure = ['fp-ts', 'io-ts']
const ports = ['kernel', 'conversation']
const EVERYTHING = '*'

const places = {
  kernel: { imports: [], packages: pure },
  conversation: { imports: ['kernel'], packages: pure },
  flow: { imports: ports, packages: pure },
  supervision: { imports: ['kernel'], packages: pure },
  config: {
    imports: ['kernel', 'supervision'],
    packages: [...pure, 'yaml', 'node:fs', 'node:path']
  },
  store: { imports: ports, packages: [...pure, 'node:crypto', 'node:zlib', 'node:buffer'] },
  'store/redis': {
    imports: [...ports, 'store'],
    packages: [
      ...pure,
      'ioredis',
      'node:fs',
      'node:path',
      'node:module',
      'node:url',
      'node:crypto',
      'node:buffer',
      'node:zlib'
    ]
  },
  'store/lmdb': { imports: [...ports, 'store'], packages: [...pure, 'lmdb', 'node:*'] },
  channel: { imports: ports, packages: pure },
  'channel/whatsapp': {
    imports: [...ports, 'channel'],
    packages: [...pure, 'node:crypto', 'node:http', 'node:buffer']
  },
  'channel/webchat': { imports: [...ports, 'channel'], packages: [...pure, 'ws', 'node:*'] },
  outbox: { imports: [...ports, 'store', 'channel'], packages: pure },
  calls: { imports: [...ports, 'store'], packages: pure },
  timers: { imports: [...ports, 'store'], packages: pure },
  runtime: {
    imports: [
      ...ports,
      'supervision',
      'store',
      'channel',
      'outbox',
      'calls',
      'timers',
      'runtime/nact.ts',
      'runtime/watchdog.ts'
    ],
    packages: [...pure, 'node:crypto', 'node:zlib']
  },
  'runtime/watchdog.ts': { imports: ['kernel', 'store'], packages: ['node:worker_threads'] },
  'runtime/nact.ts': { imports: ['kernel', 'runtime'], packages: ['nact'] },
  ops: {
    imports: [...ports, 'store', 'channel', 'runtime'],
    packages: [...pure, 'node:crypto', 'rfc6902']
  },
  'ops/prometheus-metrics.ts': { imports: ['kernel'], packages: ['prom-client'] },
  testing: { imports: [EVERYTHING], packages: [...pure, 'fast-check', 'node:*'] },
  cli: {
    imports: [
      ...ports,
      'config',
      'supervision',
      'flow',
      'store',
      'store/redis',
      'store/lmdb',
      'ops'
    ],
    packages: [...pure, 'node:*']
  },
  app: { imports: [...ports, 'flow', 'runtime'], packages: ['pino'] },
  doors: { imports: [EVERYTHING], packages: pure }
}

module.exports = {
  forbidden: [
    ...Object.entries(places).map(([name, { imports, packages }]) => ({
      name: `layer-${name}`,
      comment: `${name} may import only: ${[name, ...imports, ...packages].join(', ')}`,
      severity: 'error',
      from: { path: pathOf(name) },
      to: {
        pathNot: [
          ...[name, ...imports].map(place => (place === EVERYTHING ? folders() : pathOf(place))),
          ...packages.map(packagePath)
        ]
      }
    })),
    {
      name: 'place-has-no-row',
      comment: 'every folder of lib/ needs a row in .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^lib/', pathNot: Object.keys(places).map(pathOf) },
      to: {}
    },
    {
      name: 'place-has-no-row',
      comment: 'every folder of lib/ needs a row in .dependency-cruiser.cjs',
      severity: 'error',
      from: { orphan: true, path: '^lib/', pathNot: Object.keys(places).map(pathOf) },
      to: {}
    },
    {
      name: 'only-shipped-packages',
      comment: 'lib/ may import only what an installed package brings',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        pathNot: 'node_modules/@types/',
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm-peer']
      }
    },
    {
      name: 'lib-stands-alone',
      comment: 'lib/ never imports specs, examples or benchmarks',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(spec|examples|bench)/' }
    },
    { name: 'no-circular', severity: 'error', from: { path: '^lib/' }, to: { circular: true } }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types']
    }
  }
}

/** The files of a place, less those of any longer place inside it. */
function pathOf(name) {
  if (name === 'doors') return '^lib/[^/]+\\.ts$'
  if (name.endsWith('.ts')) return `^lib/${escaped(name)}$`
  const inner = Object.keys(places).filter(other => other.startsWith(`${name}/`))
  const not = inner.map(other => {
    const rest = other.slice(name.length + 1)
    return rest.endsWith('.ts') ? `${escaped(rest)}$` : `${rest}/`
  })
  return `^lib/${name}/${not.length > 0 ? `(?!${not.join('|')})` : ''}`
}

/** Any place but the doors: nothing inside lib/ may import those. */
function folders() {
  return '^lib/[^/]+/'
}

// A package resolves to its own folder or to its @types twin; a core module to its bare name.
function packagePath(name) {
  if (name === 'node:*') return `^(node:)?(${require('node:module').builtinModules.join('|')})$`
  if (name.startsWith('node:')) return `^(node:)?${name.slice('node:'.length)}$`
  return `(^|/)node_modules/(@types/)?${name}/`
}

function escaped(text) {
  return text.replaceAll('.', '\\.')
}
