/** A fenced block of code: what the fence says, what stands in it, and where. */
export interface CodeBlock {
  readonly page: string
  /** Line of the first line of code, counted from 1. */
  readonly line: number
  readonly language: string
  /** The words after the language. */
  readonly marks: readonly string[]
  readonly code: string
  /** What stands before it unseen: the last `<!-- given ... -->` of the page. */
  readonly given: Given | null
}

/** Imports and declarations that a page hides, for blocks that show a part only. */
interface Given {
  readonly line: number
  readonly code: string
}

/** A link with its target as it is written. */
interface Link {
  readonly page: string
  readonly line: number
  readonly target: string
}

/** One page of documentation, taken apart. */
export interface Page {
  readonly path: string
  readonly blocks: readonly CodeBlock[]
  readonly links: readonly Link[]
  /** What a link may name after `#`. */
  readonly anchors: ReadonlySet<string>
  /** Texts between single backticks, outside of blocks. */
  readonly spans: readonly { readonly line: number; readonly text: string }[]
  /** Tables by the heading they stand under; cells trimmed, the line of dashes left out. */
  readonly tables: readonly Table[]
}

interface Table {
  readonly heading: string
  readonly rows: readonly (readonly string[])[]
}

/** Takes a page apart, as far as the pages of this repository use Markdown. */
export function pageOf(path: string, text: string): Page {
  const lines = text.split('\n')
  const blocks: CodeBlock[] = []
  const prose = lines.map(() => '')
  let given: Given | null = null
  for (let at = 0; at < lines.length; at += 1) {
    if (lines[at] === '<!-- given') {
      const from = at + 1
      at = lines.indexOf('-->', from)
      given = { line: from + 1, code: lines.slice(from, at).join('\n') }
      continue
    }
    const info = fenceOf(lines[at])
    if (info === null) {
      prose[at] = lines[at] ?? ''
      continue
    }
    const from = at + 1
    at = lines.findIndex((line, index) => index >= from && /^\s*```\s*$/.test(line))
    if (at < 0) throw new Error(`${path}:${from} a block without an end`)
    const [language = '', ...marks] = info.split(/\s+/).filter(Boolean)
    const code = `${lines.slice(from, at).join('\n')}\n`
    blocks.push({ page: path, line: from + 1, language, marks, code, given })
  }
  return {
    path,
    blocks,
    links: prose.flatMap((line, index) => linksIn(path, line, index + 1)),
    anchors: anchorsOf(prose),
    spans: prose.flatMap((line, index) => spansIn(line, index + 1)),
    tables: tablesOf(prose)
  }
}

function fenceOf(line: string | undefined): string | null {
  return /^\s*```(.*)$/.exec(line ?? '')?.[1]?.trim() ?? null
}

function linksIn(page: string, line: string, at: number): Link[] {
  const plain = line.replaceAll(/`[^`]*`/g, code => ' '.repeat(code.length))
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
    page,
    line: at,
    target
  }))
}

function spansIn(line: string, at: number): { line: number; text: string }[] {
  return [...line.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ line: at, text }))
}

/** The anchors of the headings, in the way in which GitHub makes them. */
function anchorsOf(prose: readonly string[]): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const heading of prose.flatMap(headingOf)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    anchors.add(anchor)
  }
  return anchors
}

function headingOf(line: string): string[] {
  const heading = /^#{1,6} (.+)$/.exec(line)?.[1]
  return heading === undefined ? [] : [heading.trim()]
}

function tablesOf(prose: readonly string[]): Table[] {
  const tables: { heading: string; rows: string[][] }[] = []
  let heading = ''
  let open: string[][] | null = null
  for (const line of prose) {
    heading = headingOf(line)[0] ?? heading
    if (!line.startsWith('|')) {
      open = null
      continue
    }
    if (open === null) {
      open = []
      tables.push({ heading, rows: open })
    }
    const cells = cellsOf(line)
    if (!cells.every(cell => /^:?-+:?$/.test(cell))) open.push(cells)
  }
  return tables
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim())
}
