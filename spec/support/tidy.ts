import ts from 'typescript'

/** One breach of the house rules: where it is and what to do instead. */
export type Stray = `${string}:${number} ${string}`

interface Source {
  readonly path: string
  readonly tree: ts.SourceFile
}

type Check = (node: ts.Node, source: Source) => string | undefined

/** What a source file does that it must not, by its syntax tree: comments and texts may say it. */
export function strayCode(path: string, text: string): Stray[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const source = { path, tree }
  const found: Stray[] = []
  const visit = (node: ts.Node): void => {
    for (const check of checks) {
      const breach = check(node, source)
      if (breach === undefined) continue
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree))
      found.push(`${path}:${line + 1} ${breach}`)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

const checks: readonly Check[] = [bannedWord, longFunction, swallowedError, straySend, focusedSpec]

const functionLinesMax = 60
const clock = 'lib/kernel/clock.ts'

/** Property or global → what to use instead. Only the system clock may use those of time. */
const timeWords: ReadonlyMap<string, string> = new Map([
  ['Date.now', 'the clock you were given'],
  ['performance.now', 'the clock you were given'],
  ['process.hrtime', 'the clock you were given'],
  ['setTimeout', 'the clock you were given'],
  ['setInterval', 'the clock you were given'],
  ['AbortSignal.timeout', 'the clock you were given']
])
const words: ReadonlyMap<string, string> = new Map([
  ['Math.random', 'the random source you were given'],
  ['console', 'the log you were given'],
  ['process.env', 'the settings you were given']
])

function bannedWord(node: ts.Node, { path, tree }: Source): string | undefined {
  if (!path.startsWith('lib/')) return undefined
  if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any: use unknown, decoded'
  const word = wordOf(node, tree)
  if (word === undefined) return undefined
  const instead = words.get(word) ?? (path === clock ? undefined : timeWords.get(word))
  return instead === undefined ? undefined : `${word}: use ${instead}`
}

function wordOf(node: ts.Node, tree: ts.SourceFile): string | undefined {
  if (ts.isNewExpression(node) && node.expression.getText(tree) === 'Date')
    return (node.arguments?.length ?? 0) === 0 ? 'Date.now' : undefined
  if (ts.isPropertyAccessExpression(node)) {
    const whole = node.getText(tree).replace(/^globalThis\./, '')
    return whole.includes('.') || words.has(whole) || timeWords.has(whole) ? whole : undefined
  }
  if (ts.isImportDeclaration(node) && /^'(node:)?timers/.test(node.moduleSpecifier.getText(tree)))
    return 'setTimeout'
  return ts.isIdentifier(node) && isFreeName(node) ? node.text : undefined
}

/** A name that stands for a value of its own: no property, no key, no declared name. */
function isFreeName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  return !('name' in parent && parent.name === node) && !ts.isTypeNode(parent)
}

function longFunction(node: ts.Node, { path, tree }: Source): string | undefined {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return undefined
  if (path.startsWith('spec/') && isDescribeBody(node, tree)) return undefined
  const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line
  const last = tree.getLineAndCharacterOfPosition(node.getEnd()).line
  const lines = last - first + 1
  if (lines <= functionLinesMax) return undefined
  return `a function of ${lines} lines: at most ${functionLinesMax}, split it`
}

function isDescribeBody(node: ts.Node, tree: ts.SourceFile): boolean {
  return (
    ts.isCallExpression(node.parent) && node.parent.expression.getText(tree).startsWith('describe')
  )
}

const swallowed = 'a swallowed error: return, report or throw what was caught'

function swallowedError(node: ts.Node, { path, tree }: Source): string | undefined {
  if (!/^(lib|examples)\//.test(path)) return undefined
  if (ts.isCatchClause(node)) {
    const name = node.variableDeclaration?.name
    const unused = name !== undefined && ts.isIdentifier(name) && !mentions(node.block, name.text)
    return unused || isIdle(node.block) ? swallowed : undefined
  }
  return ts.isCallExpression(node) && errorListeners(node, tree).some(isIdleFunction)
    ? swallowed
    : undefined
}

/** The functions of a call that receive an error: of `.catch`, `.then` and of an error event. */
function errorListeners(call: ts.CallExpression, tree: ts.SourceFile): readonly ts.Expression[] {
  if (!ts.isPropertyAccessExpression(call.expression)) return []
  const [first, second] = call.arguments
  const method = call.expression.name.text
  if (method === 'catch' && first !== undefined) return [first]
  if (method === 'then' && second !== undefined) return [second]
  const listens = ['on', 'once', 'addListener'].includes(method)
  return listens && first?.getText(tree) === "'error'" && second !== undefined ? [second] : []
}

function isIdleFunction(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return /^(noop|ignore)/i.test(node.text)
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return false
  return ts.isBlock(node.body) ? isIdle(node.body) : isNothing(node.body)
}

/** A block with no next step: nothing in it, or nothing but leaving. */
function isIdle(block: ts.Block): boolean {
  return block.statements.every(
    statement =>
      ts.isEmptyStatement(statement) ||
      ts.isContinueStatement(statement) ||
      ts.isBreakStatement(statement) ||
      (ts.isReturnStatement(statement) && isNothing(statement.expression)) ||
      (ts.isExpressionStatement(statement) && isNothing(statement.expression))
  )
}

function isNothing(node: ts.Expression | undefined): boolean {
  if (node === undefined || ts.isVoidExpression(node)) return true
  if (ts.isParenthesizedExpression(node)) return isNothing(node.expression)
  return (
    node.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(node) && node.text === 'undefined')
  )
}

function mentions(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) && node.text === name) return true
  return ts.forEachChild(node, child => mentions(child, name) || undefined) ?? false
}

function straySend(node: ts.Node, { path }: Source): string | undefined {
  if (!path.startsWith('lib/') || /^lib\/(outbox|channel|testing)\//.test(path)) return undefined
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression))
    return undefined
  return node.expression.name.text === 'send'
    ? 'a send outside outbox: commit the reply, the outbox sends it'
    : undefined
}

const focused = /^((describe|context|it|specify)\.(only|skip)|this\.skip|x(describe|it))$/

function focusedSpec(node: ts.Node, { path, tree }: Source): string | undefined {
  if (!path.startsWith('spec/') || !ts.isCallExpression(node)) return undefined
  const called = node.expression.getText(tree)
  return focused.test(called) ? `${called}: every spec runs, always` : undefined
}
