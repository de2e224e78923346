// Handlers as people and compilers write them; nothing in them is wrong. None is ever run.

/** What follows a message; each leads to the steps b and c, seen or not, and nowhere else. */
export const moving: Readonly<Record<string, string>> = {
  'an arrow': `v => (v.data.a === '1' ? goto('b') : goto('c'))`,
  'an arrow without a space': `v=>v.data.a?goto("b"):goto("c")`,
  'a block without semicolons': `v => { if (v.data.a) return goto('b')\n return goto('c') }`,
  'a block with them': `v => { if (v.data.a) { return goto('b'); } else { return goto('c'); } }`,
  'a switch': `v => {
    switch (v.data.a) { case 'x': return goto('b'); default: return goto('c') } }`,
  'a function': `function (v) { return v.data.a ? goto('b') : goto('c') }`,
  'a named function': `function next(v) { return v.data.a ? goto('b') : goto('c') }`,
  'a method': `({ next(v) { return v.data.a ? goto('b') : goto('c') } }).next`,
  'a method called like a move': `({ end(v) { return v.data.a ? goto('b') : goto('c') } }).end`,
  'a method by a quoted name': `({ 'x y'(v) { return v.data.a ? goto('b') : goto('c') } })['x y']`,
  'a method by a computed name': `({ [['x'][0]](v) { return goto(v.data.a) } }).x`,
  'an async method': `({ async next(v) { return v.data.a ? goto('b') : goto('c') } }).next`,
  'a function in a variable': `v => {
    const to = n => { return n ? 'b' : 'c' }\n return goto(to(v)) }`,
  'a chosen name': `v => goto(v.data.a ? 'b' : 'c')`,
  'a name put together': 'v => goto(`${v.data.a}`)',
  'a list': `v => [say(text('ask')), v.data.a ? goto('b') : goto('c')]`,
  'a list with what comes before': `v => [...before(v), v.data.a ? goto('b') : goto('c')]`,
  'a constant move': `v => (v.data.a ? goto('b') : ELSEWHERE)`,
  'a constant of a module': `v => (v.data.a ? (0, flow_1.goto)('b') : moves_1.ELSEWHERE)`,
  'another function for one of its moves': `v => {
    if (v.data.a) return goto('b')\n return toC(v) }`,
  'an array of moves': `v => (v.data.a === undefined ? goto('b') : MOVES[v.data.a])`,
  'a variable with the move': `v => {
    let to = goto('b')\n if (v.data.a) to = more(v)\n return to }`,
  'a function called at once': `v => (v.data.a ? goto('b') : (() => toC(v))())`,
  'a way out of a loop': `v => {
    for (const w of ws) { if (w.is) return w.move }\n return goto('b') }`,
  'a way out of a try': `v => { try { return toC(v) } catch { return goto('b') } }`,
  'a move, or another': `v => toC(v) ?? goto('b')`,
  'a move after something else': `e=>(seen(e),e.data.a?goto("b"):goto("c"))`,
  'imports as a compiler writes them': `v => (v.data.a ?
    (0, flow_1.goto)("b") : (0, flow_1.goto)("c"))`,
  'names as a minifier writes them': `e=>{if(e.data.a)return r("b");return r("c")}`,
  'a member of something else': `v => nav.goto('home', v)`,
  comments: `v => /* goto('gone') */ v.data.a ? goto('b') : goto('c') // text('nokey')`,
  strings: `v => (v.data.a === "goto('gone')" ? goto('b') : goto('c', { a: "text('nokey')" }))`,
  'a template': "v => (v.data.a === `goto('gone') ${`text('nokey')`}` ? goto('b') : goto('c'))",
  'a pattern': `v => (/[)"'\`/]goto\\('gone'/.test(v.data.a ?? '') ? goto('b') : goto('c'))`,
  'a text of its own': `v => {
    const text = w => w\n return goto(v.data.a ? 'b' : 'c', { a: text('nokey') }) }`,
  'a goto of its own': `(v, goto = w => MOVES[w]) => goto('gone')`,
  'a part called like a text': `({ text }) => (text('nokey') ? goto('b') : goto('c'))`
}

/** Where a function stands, and what it does with what looks like the data's field n. */
export const reading: readonly (readonly [what: string, where: string, code: string])[] = [
  ['data of an outcome', 'done', `({ data }) => goto('b', { a: data.n })`],
  ['view of an outcome', 'done', `view => goto('b', { a: view.data.n.x })`],
  ['data of what was said', 'read', `({ data }) => accept({ a: data.n })`],
  ['a first parameter that is called so', 'read', `data => accept({ a: data.n + '' })`],
  ['a variable', 'prompt', `() => { const data = load(); return text('sum', { sum: data.n }) }`],
  ['a later variable', 'prompt', `v=>{const e=1,data=f(v);return text("sum",{sum:data.n})}`],
  ['an unpacked one', 'prompt', `v => { const { data } = f(v); return text(data.n.x) }`],
  ['one unpacked from a list', 'prompt', `v => { const [data] = f(v); return text(data.n.x) }`],
  ['a parameter inside', 'prompt', `v => text(f(v).map(data => data.n.x).join())`],
  ['a part of one', 'prompt', `v => text(f(v).map(({ data }) => data.n.x).join())`],
  ['a second one', 'prompt', `({ data }) => text(f(data).map((x, data) => data.n.x).join())`],
  ['one of a function', 'prompt', `({ data }) => text(f(function (data) { return data.n.x }))`],
  ['what is gone through', 'prompt', `v => { for (const data of f(v)) text(data.n.x); return x }`],
  ['what was thrown', 'prompt', `v => { try { f(v) } catch (data) { text(data.n.x) }\n return x }`],
  ['a name given anew', 'prompt', `({ data }) => { data = f(data); return text(data.n.x) }`],
  ['a literal', 'input', `() => ({ data: { n: 1 }, m: [{ data: { n } }] })`],
  ['a member of itself', 'prompt', `function () { return text(this.data.n.x) }`],
  ['a member of a call', 'prompt', `v => text(f(v).data.n.x, { sum: f(v)?.data.n })`],
  ['a deeper part', 'prompt', `v => text('sum', { sum: v.core.cache.data.n })`],
  ['a comment', 'prompt', `({ data }) => /* data.n.x */ text('ask') // data.n.x`],
  ['a string', 'prompt', `({ data }) => text('ask', { sum: 'data.n.x' })`],
  ['a template', 'prompt', '({ data }) => text("ask", { sum: `data.n.x ${`data.n.x`}` })'],
  ['a pattern', 'prompt', `({ data }) => text('ask', { sum: /data.n.x/.source })`],
  ['a key', 'prompt', `({ data }) => text('ask', { data: 1, n: 2 })`],
  ['a rest', 'prompt', `({ data: { a = '', ...n } }) => text('ask', { sum: n.x + a })`],
  ['another name', 'prompt', `({ data: { a: n = '' } }) => text('ask', { sum: n })`]
]

/** What a text is told of the data's field a, which only some ways to it have written. */
export const looking: Readonly<Record<string, string>> = {
  'another value': `({ data }) => text('sum', { sum: data.a ?? '' })`,
  'a default': `({ data: { a = '' } }) => text('sum', { sum: a })`,
  'a default under another name': `({ data: { a: d = '' } }) => text('sum', { sum: d })`,
  'a variable': `v => { const { a } = v.data; return text('sum', { sum: a || '' }) }`,
  'a compiled default': `({ data }) => {
    var _a; return text((_a = data.a) !== null && _a !== void 0 ? _a : '') }`,
  'a compiled chain': `v => {
    var e; return text((e = v.data.a) === null || e === void 0 ? void 0 : e.length) }`,
  'a minified look': `({data:e})=>text(void 0===e.a?"ask":e.a.trim())`,
  'a look before': `({ data }) => {
    if (!data.a) return text('ask'); return text('sum', { sum: data.a.x }) }`,
  'a look by another': `v => (isThere(v) ? text('sum', { sum: v.data.a.length }) : text('ask'))`,
  'a look by name': `({ data }) => ('a' in data ? text('sum', { sum: data.a.x }) : text('ask'))`,
  'a look at own names': `({ data }) =>
    (Object.hasOwn(data, 'a') ? text(data.a.trim()) : text('ask'))`,
  'a look at its type': `({ data }) => text(typeof data.a === 'string' ? data.a.trim() : 'ask')`,
  'a switch': `({ data }) => {
    switch (data.a) { case 'x': return text('ask'); default: return X } }`,
  'a look that is said': `({ data }) => text('sum', { sum: !data.a, is: 1 + !data.a })`,
  'a look that is said twice over': `({ data }) => text('sum', { sum: !!data.a })`,
  'a type that is said': `v => text('sum', { sum: typeof v.data.a, is: typeof v.data.a + '' })`,
  'a comparison that is said': `e=>text("sum",{sum:void 0===e.data.a})`,
  'a function that takes nothing, too': `({ data }) => text('sum', { sum: String(data.a) })`
}
