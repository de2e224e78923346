import assert from 'node:assert/strict'
import fc from 'fast-check'

interface Bubble {
  readonly role: 'reply' | 'message'
  readonly key?: string
  readonly id?: string
  readonly isTaken?: boolean
  readonly chosen?: string
}

interface Memory extends EventTarget {
  readonly bubbles: readonly Bubble[]
  readonly pending: readonly Bubble[]
  readonly openKey: string | null
  meet(visitor: string): void
  addMessage(said: { frame: object; text: string; answered?: string | null }): void
  take(id: string): void
  addReply(key: string, reply: object): void
  refresh(): void
}

type MakeMemory = new (storage: object | null, name: string) => Memory

const file = new URL('../../../lib/channel/webchat/page/memory.js', import.meta.url).href
const { Memory } = (await import(file)) as { Memory: MakeMemory }

const prompt = { kind: 'buttons', text: 'Sure?', instance: '1', options: [] }
const say = (id: string) => ({ frame: { kind: 'say', id, text: id }, text: id })
const choose = (id: string, key: string) => ({
  frame: { kind: 'choose', id, instance: '1', option: 'yes' },
  text: 'Yes',
  answered: key
})

describe('the memory of the page, over several tabs', () => {
  const deed = fc.oneof(
    fc.record({ do: fc.constant('say' as const), tab: fc.nat(2) }),
    fc.record({ do: fc.constant('take' as const), tab: fc.nat(2), which: fc.nat(20) }),
    fc.record({ do: fc.constant('reply' as const), tab: fc.nat(2), which: fc.nat(8) }),
    fc.record({ do: fc.constant('choose' as const), tab: fc.nat(2) }),
    fc.record({ do: fc.constant('deliver' as const), tab: fc.nat(2) })
  )

  it('comes together whatever the order of writes, loses nothing and comes to rest', () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 60 }), deeds => {
        const browser = new SharedStorage(3)
        const said = new Set<string>()
        const taken = new Set<string>()
        const replied = new Set<string>()
        for (const step of deeds) {
          const tab = browser.tab(step.tab)
          if (step.do === 'deliver') browser.deliver(step.tab)
          if (step.do === 'say') {
            const id = `m${said.size}`
            said.add(id)
            tab.addMessage(say(id))
          }
          if (step.do === 'choose' && tab.openKey !== null) {
            const id = `m${said.size}`
            said.add(id)
            tab.addMessage(choose(id, tab.openKey))
          }
          if (step.do === 'take') {
            const id = tab.pending[step.which % Math.max(1, tab.pending.length)]?.id
            if (id !== undefined) taken.add(id)
            if (id !== undefined) tab.take(id)
          }
          if (step.do === 'reply') {
            replied.add(`r${step.which}`)
            tab.addReply(`r${step.which}`, prompt)
          }
        }

        browser.settle()

        const [first, ...others] = browser.tabs.map(({ bubbles }) => bubbles)
        for (const other of others) assert.deepEqual(other, first)
        const messages = (first ?? []).filter(({ role }) => role === 'message')
        assert.deepEqual(new Set(messages.map(({ id }) => id)), said)
        for (const { id, isTaken } of messages) assert.equal(isTaken, taken.has(id ?? ''))
        const keys = (first ?? []).flatMap(({ key }) => key ?? [])
        assert.equal(keys.length, replied.size)
        assert.deepEqual(new Set(keys), replied)
      }),
      { seed: 20_261_121, numRuns: 400 }
    )
  })
})

describe('the memory of the page', () => {
  const fresh = (storage: object | null = null) => new Memory(storage, 'x')

  it('keeps two hundred bubbles and, beyond that, only what is not sent yet', () => {
    const memory = fresh()
    memory.addMessage(say('early'))
    for (let count = 0; count < 250; count += 1) memory.addReply(`r${count}`, prompt)

    assert.equal(memory.bubbles.length, 201)
    assert.deepEqual(
      memory.pending.map(({ id }) => id),
      ['early']
    )
  })

  it('has one open prompt, the newest, until it is answered', () => {
    const memory = fresh()
    memory.addReply('one', prompt)
    memory.addReply('two', prompt)
    memory.addReply('three', { kind: 'text', text: 'by the way' })
    assert.equal(memory.openKey, 'two')

    memory.addMessage(choose('m', 'two'))

    assert.equal(memory.openKey, null)
    assert.equal(memory.bubbles.find(({ key }) => key === 'two')?.chosen, 'yes')
  })

  it('keeps for another visitor only what was written and is not sent yet', () => {
    const memory = fresh()
    memory.meet('one')
    memory.addReply('r', prompt)
    memory.addMessage(choose('tap', 'r'))
    memory.addMessage(say('sent'))
    memory.take('sent')
    memory.addMessage(say('unsent'))

    memory.meet('two')

    assert.deepEqual(
      memory.bubbles.map(({ id }) => id),
      ['unsent']
    )
  })

  const broken: readonly (readonly [string, object])[] = [
    ['is not JSON', { getItem: () => '{', setItem: () => undefined }],
    ['is of another version', { getItem: () => '{"version":0}', setItem: () => undefined }],
    [
      'is full',
      {
        getItem: () => null,
        setItem: () => {
          throw new Error('quota')
        }
      }
    ]
  ]
  for (const [what, storage] of broken)
    it(`works when what is stored ${what}`, () => {
      const memory = fresh(storage)

      memory.addMessage(say('m'))
      memory.addReply('r', prompt)

      assert.equal(memory.bubbles.length, 2)
    })
})

/** Storage as browsers share it between tabs: a tab sees its own writes at once, others later. */
class SharedStorage {
  readonly tabs: readonly Memory[]
  readonly #writes: { readonly by: number; readonly text: string }[] = []
  readonly #seen: number[]
  readonly #views: (string | null)[]

  constructor(count: number) {
    this.#seen = Array.from({ length: count }, () => 0)
    this.#views = this.#seen.map(() => null)
    this.tabs = this.#seen.map((_, by) => {
      const getItem = (): string | null => this.#views[by] ?? null
      const setItem = (_name: string, text: string): void => {
        this.#views[by] = text
        this.#writes.push({ by, text })
      }
      return new Memory({ getItem, setItem }, 'x')
    })
  }

  tab(index: number): Memory {
    return this.tabs[index] ?? assert.fail()
  }

  /** The next write of another tab reaches this one; false when it has seen all. */
  deliver(index: number): boolean {
    const at = this.#seen[index] ?? 0
    const write = this.#writes[at]
    if (write === undefined) return false
    this.#seen[index] = at + 1
    if (write.by === index) return true
    const isOverwritten = this.#writes.slice(at).some(({ by }) => by === index)
    if (!isOverwritten) this.#views[index] = write.text
    this.tab(index).refresh()
    return true
  }

  /** Delivers everything; fails when the tabs never come to rest. */
  settle(): void {
    for (let round = 0; round < 1_000; round += 1)
      if (!this.tabs.map((_, index) => this.deliver(index)).some(Boolean)) return
    assert.fail('the tabs correct each other without end')
  }
}
