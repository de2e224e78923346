import { type MemoryStore, memoryStore } from '../../lib/testing/memory-store.ts'
import type { World } from './a-world.ts'

const REWOUND = ['load', 'defer', 'acknowledged', 'settleDue', 'claimDue', 'history'] as const

/** Lets the store be put back to an early state, as one that lost its last seconds. */
export function rewindable({ model, clock }: World): (commits: number) => Promise<void> {
  const made: Parameters<typeof model.commit>[] = []
  const commit = model.commit.bind(model)
  const before = Object.fromEntries(REWOUND.map(name => [name, model[name].bind(model)]))
  let early: MemoryStore | null = null
  model.commit = (...args) => {
    made.push(args)
    return early === null ? commit(...args) : early.commit(...args)
  }
  for (const name of REWOUND) {
    // Looked up when it is called: a call that was held meanwhile reaches the store as it is then.
    const call = (...args: readonly unknown[]): unknown =>
      Reflect.apply(early === null ? before[name]! : early[name], early, args)
    Object.assign(model, { [name]: call })
  }
  return async commits => {
    const rewound = memoryStore({ clock })
    for (const args of made.slice(0, commits)) await rewound.commit(...args)
    early = rewound
  }
}
