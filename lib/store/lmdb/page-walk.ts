import { fstatSync, readSync } from 'node:fs'
import { longAt, type PageTree, type Snapshot } from './data-file.ts'

// The library trusts every page: one that is damaged ends the process the moment it is met.
const HEAD_BYTES = 24
const NODE_BYTES = 8
const AT = { page: 0, txn: 8, flags: 18, lower: 20, upper: 22, pages: 20 } as const
const KIND = { branch: 1, leaf: 2, overflow: 4 } as const
const BIG = 1
const KEY_BYTES_MOST = 1978

/**
 * Walks every page of a snapshot and gives what is wrong first, in a few words, or null.
 *
 * Every page must be the one it says, of its kind, written no later than the snapshot, its nodes
 * within it, its keys in order and where the page above says; no page may be part of two things, or
 * free and in use, and no entry may be missing.
 */
export function damageOfSnapshot(file: number, snapshot: Snapshot): string | null {
  try {
    const walk = new PageWalk(file, snapshot)
    walk.tree(snapshot.main, byBytes, () => undefined)
    walk.tree(snapshot.free, byNumber, list => walk.freeList(list))
    return null
  } catch (error) {
    if (error instanceof PageDamage) return error.message
    throw error
  }
}

class PageDamage extends Error {}

type Order = (one: Buffer, other: Buffer) => number

interface Place {
  readonly page: number
  /** 1 for the root. */
  readonly level: number
  /** Its keys begin here or later, and end before this; null where nothing bounds them. */
  readonly low: Buffer | null
  readonly high: Buffer | null
}

class PageWalk {
  readonly #file: number
  readonly #snapshot: Snapshot
  readonly #page: Buffer
  readonly #pages: number
  /** A bit for every page of the file that was met. */
  readonly #met: Uint8Array

  constructor(file: number, snapshot: Snapshot) {
    this.#file = file
    this.#snapshot = snapshot
    this.#page = Buffer.alloc(snapshot.pageBytes)
    this.#pages = Math.floor(fstatSync(file).size / snapshot.pageBytes)
    this.#met = new Uint8Array((this.#pages >> 3) + 1)
  }

  /** Checks a tree; each value of its leaves is shown once. */
  tree({ root, depth, entries }: PageTree, order: Order, see: (value: Buffer) => void): void {
    const waiting: Place[] = root === null ? [] : [{ page: root, level: 1, low: null, high: null }]
    let seen = 0
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const isLeaf = place.level === depth
      const nodes = this.#nodes(place.page, isLeaf ? KIND.leaf : KIND.branch)
      const keys = nodes.map(node => this.#key(node))
      // The first key of a branch is never looked at, and is mostly empty.
      checkOrder(place, isLeaf ? keys : keys.slice(1), order)
      if (isLeaf) {
        seen += nodes.length
        for (const node of nodes) see(this.#value(place.page, node))
      } else waiting.push(...this.#children(place, nodes, keys))
    }
    if (seen !== entries) throw new PageDamage(`it has ${seen} entries of ${entries}`)
  }

  /** Checks that pages listed as free exist and are not in use. */
  freeList(list: Buffer): void {
    const words = list.length >> 3
    const count = words === 0 ? 0 : longAt(list, 0)
    if (list.length % 8 !== 0 || count >= words) throw new PageDamage('a list of free pages breaks')
    let pages = 1
    for (let at = 1; at <= count; at += 1) {
      const high = list.readInt32LE(at * 8 + 4)
      // A negative number says how many pages the one after it stands for.
      if (high < 0) pages = -list.readInt32LE(at * 8)
      else {
        const first = longAt(list, at * 8)
        if (first > 0) this.#meet(first, pages)
        pages = 1
      }
    }
  }

  /** Reads a page and gives where its nodes begin. */
  #nodes(page: number, kind: number): readonly number[] {
    this.#meet(page, 1)
    const bytes = this.#read(page, kind)
    const lower = bytes.readUInt16LE(AT.lower)
    const upper = bytes.readUInt16LE(AT.upper)
    if (lower % 2 !== 0 || lower > upper || HEAD_BYTES + upper > bytes.length || lower === 0) {
      throw damage(page, 'has bounds that cannot be')
    }
    const nodes: number[] = []
    for (let at = HEAD_BYTES; at < HEAD_BYTES + lower; at += 2) {
      const offset = bytes.readUInt16LE(at)
      const node = HEAD_BYTES + offset
      if (offset < upper || node + NODE_BYTES > bytes.length) throw damage(page, 'points beyond')
      const length = bytes.readUInt16LE(node + 6)
      if (node + NODE_BYTES + length > bytes.length || length > KEY_BYTES_MOST) {
        throw damage(page, 'has a key of impossible length')
      }
      nodes.push(node)
    }
    return nodes
  }

  #children(
    { level, low, high }: Place,
    nodes: readonly number[],
    keys: readonly Buffer[]
  ): readonly Place[] {
    // The page is read into the same bytes again before its children are looked at.
    const bounds = keys.map((key, at) => (at === 0 ? low : Buffer.from(key)))
    return nodes.map((node, at) => ({
      page: this.#child(node),
      level: level + 1,
      low: bounds[at]!,
      high: bounds[at + 1] ?? high
    }))
  }

  #key(node: number): Buffer {
    const from = node + NODE_BYTES
    return this.#page.subarray(from, from + this.#page.readUInt16LE(node + 6))
  }

  #child(node: number): number {
    const bytes = this.#page
    return bytes.readUInt32LE(node) + bytes.readUInt16LE(node + 4) * 2 ** 32
  }

  #value(page: number, node: number): Buffer {
    const bytes = this.#page
    const length = bytes.readUInt32LE(node)
    const flags = bytes.readUInt16LE(node + 4)
    const from = node + NODE_BYTES + bytes.readUInt16LE(node + 6)
    if (flags === 0 && from + length <= bytes.length) return bytes.subarray(from, from + length)
    if (flags !== BIG || from + HEAD_BYTES > bytes.length) throw damage(page, 'has a broken value')
    return this.#overflow(longAt(bytes, from), longAt(bytes, from + 16), length)
  }

  /** A value that has pages of its own. */
  #overflow(first: number, pages: number, length: number): Buffer {
    const { pageBytes } = this.#snapshot
    if (pages !== Math.ceil((HEAD_BYTES + length) / pageBytes)) {
      throw damage(first, 'has another length than its value')
    }
    this.#meet(first, pages)
    const bytes = Buffer.alloc(pages * pageBytes)
    this.#read(first, KIND.overflow, bytes)
    if (bytes.readUInt32LE(AT.pages) !== pages) throw damage(first, 'has bounds that cannot be')
    return bytes.subarray(HEAD_BYTES, HEAD_BYTES + length)
  }

  #read(page: number, kind: number, bytes: Buffer = this.#page): Buffer {
    const { pageBytes, txn } = this.#snapshot
    if (readSync(this.#file, bytes, 0, bytes.length, page * pageBytes) < bytes.length) {
      throw damage(page, 'is cut off')
    }
    if (longAt(bytes, AT.page) !== page || bytes.readUInt16LE(AT.flags) !== kind) {
      throw damage(page, 'is not what its place asks for')
    }
    if (longAt(bytes, AT.txn) > txn) throw damage(page, 'is younger than what leads to it')
    return bytes
  }

  #meet(first: number, pages: number): void {
    if (first < 2 || pages < 1 || first + pages - 1 > this.#snapshot.lastPage) {
      throw damage(first, 'is beyond the file')
    }
    // What is free may lie beyond the end: it was never written.
    for (let page = first; page < Math.min(first + pages, this.#pages); page += 1) {
      const bit = 1 << (page & 7)
      if ((this.#met[page >> 3]! & bit) !== 0) throw damage(page, 'is part of two things')
      this.#met[page >> 3]! |= bit
    }
  }
}

function checkOrder({ page, low, high }: Place, keys: readonly Buffer[], order: Order): void {
  const [first] = keys
  const last = keys.at(-1)
  if (first !== undefined && last !== undefined) {
    const isPlaced =
      (low === null || order(low, first) <= 0) && (high === null || order(last, high) < 0)
    if (!isPlaced) throw damage(page, 'has keys that belong elsewhere')
  }
  for (let at = 1; at < keys.length; at += 1) {
    if (order(keys[at - 1]!, keys[at]!) >= 0) throw damage(page, 'has keys out of order')
  }
}

function byBytes(one: Buffer, other: Buffer): number {
  return Buffer.compare(one, other)
}

function byNumber(one: Buffer, other: Buffer): number {
  // A key of another length is out of order whatever it is compared with.
  return one.length === 8 && other.length === 8 ? longAt(one, 0) - longAt(other, 0) : 0
}

function damage(page: number, how: string): PageDamage {
  return new PageDamage(`its page ${page} ${how}`)
}
