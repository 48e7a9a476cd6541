import type { Known } from './known-names.ts'
import type { Kind } from './worker-protocol.ts'

/** What one caller asks for at once: its names wait for their turns together. */
export interface NameBatchOptions {
  readonly kind: Kind
  readonly torrent: string
  /** Key of what is remembered -> name. */
  readonly names: ReadonlyMap<string, string>
  /** How long all of them may keep the worker, milliseconds. */
  readonly budgetMs: number
}

/** The names of one caller, and what came of them. */
export class NameBatch {
  readonly kind: Kind
  readonly torrent: string
  readonly #waiting: Map<string, string>
  readonly #found = new Map<string, Known>()
  readonly #done: Promise<ReadonlyMap<string, Known>>
  #settle: (found: ReadonlyMap<string, Known>) => void = () => undefined
  #budgetMs: number

  constructor({ kind, torrent, names, budgetMs }: NameBatchOptions) {
    this.kind = kind
    this.torrent = torrent
    // A name that is slow must be long: the honest ones beside it are read before it.
    this.#waiting = new Map([...names].sort(([, a], [, b]) => a.length - b.length))
    this.#budgetMs = budgetMs
    this.#done = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** What was found, by key; resolves when no name waits any more. */
  get done(): Promise<ReadonlyMap<string, Known>> {
    return this.#done
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  get isSpent(): boolean {
    return this.#budgetMs <= 0
  }

  /** The next names with their keys, at most `most`. */
  next(most: number): readonly (readonly [key: string, name: string])[] {
    const names: (readonly [string, string])[] = []
    for (const entry of this.#waiting) {
      if (names.length >= most) break
      names.push(entry)
    }
    return names
  }

  waitingKeys(): readonly string[] {
    return [...this.#waiting.keys()]
  }

  took(ms: number): void {
    this.#budgetMs -= ms
  }

  answer(key: string, known: Known): void {
    this.#waiting.delete(key)
    this.#found.set(key, known)
    if (this.#waiting.size === 0) this.#settle(this.#found)
  }

  /** The names that wait are not known, now. */
  giveUp(): void {
    this.#waiting.clear()
    this.#settle(this.#found)
  }
}
