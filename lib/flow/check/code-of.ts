const aside = /(?<aside>\/\/.*|\/\*[^]*?\*\/)/
const quoted = /'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"/
// Where a pattern may stand, and no division.
const ahead = /(?<=(?:[(,=:[!&|?{;+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*)/
const pattern = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//
const said = `(?<said>${quoted.source}|${ahead.source}${pattern.source})`
const inCode = new RegExp(`${aside.source}|${said}|[\\w$]+|\\s+|[^]`, 'y')
const inTemplate = /(?<said>[`}](?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{))/y

// Letters of strings go to where no pattern for code looks, and can be brought back.
const HIDDEN = 0xe000

/**
 * The text of a function as code alone: without its comments, and with what its strings say hidden
 * from everything but `plain`.
 */
export function codeOf(run: unknown): string {
  const source = Function.prototype.toString.call(run)
  // Braces open by now, in the function and in each `${` around the place.
  const open = [0]
  let code = ''
  for (let at = 0; at < source.length; ) {
    const goesOn = source[at] === '}' && open.length > 1 && open.at(-1) === 0
    const token = goesOn || source[at] === '`' ? inTemplate : inCode
    token.lastIndex = at
    const found = token.exec(source)
    if (found === null) return code
    const [piece] = found
    if (goesOn) open.pop()
    if (token === inTemplate && piece.endsWith('${')) open.push(0)
    if (token === inCode) open.push((open.pop() ?? 0) + depthOf(piece))
    if (found.groups?.['said'] !== undefined) code += hidden(piece)
    else code += found.groups?.['aside'] === undefined ? piece : ' '
    at += piece.length
  }
  return code
}

/** A part of such code as it was written. */
export function plain(code: string): string {
  return code.replace(/[\ue000-\ue07f]/g, letter =>
    String.fromCharCode(letter.charCodeAt(0) - HIDDEN)
  )
}

/**
 * How code calls one of these names: bare, or as compilers write imported names,
 * `(0, flow_1.goto)('x')`. A member of something else with the same name is none of them.
 */
export function calling(names: string): string {
  const imported = `\\(\\s*0\\s*,\\s*[\\w$.]+\\.(?:${names})\\s*\\)`
  return `(?:(?<![\\w$]|\\.\\s*)(?:${names})|${imported})\\s*\\(`
}

function depthOf(piece: string): number {
  if (piece === '{') return 1
  return piece === '}' ? -1 : 0
}

// The quotes and backslashes stay: they tell where a string ends, and that it is not what it says.
function hidden(piece: string): string {
  const end = piece.length - (piece.endsWith('${') ? 2 : 1)
  const body = piece
    .slice(1, end)
    .replace(/[^\\\u0080-\uffff]/g, letter => String.fromCharCode(letter.charCodeAt(0) + HIDDEN))
  return piece.slice(0, 1) + body + piece.slice(end)
}
