import type { Owners } from '../../common/permits/owners.ts'
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
  /** Whose turn they take. */
  readonly owners: Owners
  /** How long the caller waits, turns of others included; milliseconds. */
  readonly waitMs: number
}

/** The names of one caller, and what came of them. */
export class NameBatch {
  readonly kind: Kind
  readonly torrent: string
  readonly owners: Owners
  readonly #waiting: Map<string, string>
  readonly #found = new Map<string, Known>()
  readonly #done: Promise<ReadonlyMap<string, Known>>
  #resolve: (found: ReadonlyMap<string, Known>) => void = () => undefined
  readonly #waitTimer: NodeJS.Timeout
  #leftMs: number
  #tookMs = 0
  /** So many of the first that wait were read once, by a worker that was lost at the next name. */
  #innocent = 0

  constructor({ kind, torrent, names, budgetMs, waitMs, owners }: NameBatchOptions) {
    this.kind = kind
    this.torrent = torrent
    this.owners = owners
    // A name that is slow must be long: the honest ones beside it are read before it.
    this.#waiting = new Map([...names].sort(([, a], [, b]) => a.length - b.length))
    this.#leftMs = budgetMs
    this.#done = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#waitTimer = setTimeout(() => this.giveUp(), waitMs)
  }

  /** What was found, by key; resolves when no name waits any more. */
  get done(): Promise<ReadonlyMap<string, Known>> {
    return this.#done
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** How long they have kept the worker. */
  get tookMs(): number {
    return this.#tookMs
  }

  get isSpent(): boolean {
    return this.#leftMs <= 0
  }

  /** Whether names wait that are known to be quick: they go before all others. */
  get hasInnocent(): boolean {
    return this.#innocent > 0
  }

  /** The next names with their keys, at most `most`. */
  next(max: number): readonly (readonly [key: string, name: string])[] {
    const most = this.hasInnocent ? Math.min(max, this.#innocent) : max
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
    this.#tookMs += ms
    this.#leftMs -= ms
  }

  /** The worker was lost at that name, when it had read the `before` names in front of it. */
  lostAt(key: string, known: Known, before: number): void {
    this.answer(key, known)
    this.#innocent = before
  }

  answer(key: string, known: Known): void {
    if (this.#waiting.delete(key) && this.hasInnocent) this.#innocent--
    this.#found.set(key, known)
    if (this.#waiting.size === 0) this.#settle()
  }

  /** The names that wait are not known, now. */
  giveUp(): void {
    this.#waiting.clear()
    this.#settle()
  }

  #settle(): void {
    clearTimeout(this.#waitTimer)
    this.#resolve(this.#found)
  }
}
