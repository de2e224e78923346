import { setTimeout } from 'node:timers/promises'
import { type ChildProgram, sourceOf, startProgram } from './child-program.ts'

/** What a process answered: the tag of the receipt, and whose it is. */
export interface Answer {
  readonly tag: string
  readonly conversation: string
}

/** Two processes on one store, each started again whenever it ends. */
export class MortalFleet {
  readonly #env: Readonly<Record<string, string>>
  readonly #places: Promise<Place>[] = []
  #turn = 0
  #isOver = false
  deaths = 0

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env
  }

  async start(): Promise<void> {
    for (const INSTANCE of ['left', 'right']) this.#places.push(this.#started(INSTANCE))
    await Promise.all(this.#places)
  }

  /** Hands a message to one process after the other, or always to this one, until it is taken. */
  async taken(user: string, id: string, text = 'hi', at: number | null = null): Promise<Answer> {
    for (;;) {
      this.#turn += 1
      const query = new URLSearchParams({ user, id, text })
      const answer = await this.#asked(at ?? this.#turn % 2, query)
      if (answer !== null && answer.tag !== 'shed') return answer
      await setTimeout(50)
    }
  }

  /** Lines that a living process logged. */
  async logged(event: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const places = await Promise.all(this.#places)
    return places.flatMap(({ program }) => program.log.filter(line => line['event'] === event))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    const places = await Promise.all(this.#places)
    await Promise.all(places.map(async ({ program }) => program.end('SIGKILL')))
  }

  async #asked(at: number, query: URLSearchParams): Promise<Answer | null> {
    const place = await this.#places[at]!
    try {
      const answer = await fetch(`http://127.0.0.1:${place.port}/?${String(query)}`)
      return (await answer.json()) as Answer
    } catch {
      // It ended: who sent this sends it again, elsewhere.
      return null
    }
  }

  async #started(instance: string): Promise<Place> {
    const env = { ...this.#env, INSTANCE: instance }
    const program = startProgram(sourceOf('spec/support/mortal-process.ts'), env)
    void program.ended.then(() => {
      if (this.#isOver) return
      this.deaths += 1
      this.#places[instance === 'left' ? 0 : 1] = this.#started(instance)
    })
    const { port } = await program.event('listening')
    return { program, port: Number(port) }
  }
}

interface Place {
  readonly program: ChildProgram
  readonly port: number
}
