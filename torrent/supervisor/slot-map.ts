/** Which piece lies in which slot, and what the engine must be told of changes. */
export interface SlotChanges {
  /** Counts the changes: what the engine says of the slots is true as of a turn. */
  readonly generation: number
  /** Pieces whose slots are free from now on. */
  readonly evict: readonly number[]
  /** Piece and slot. */
  readonly assign: readonly (readonly [piece: number, slot: number])[]
}

interface Entry {
  readonly slot: number
  /** Of the change that gave it the slot. */
  readonly generation: number
  here: boolean
  /** Reads that run: it cannot be evicted. */
  pins: number
}

/**
 * The main process' side of a file of fixed slots, one piece each (design idea 7): what the readers
 * want has a slot, what they have left keeps its slot until somebody needs it.
 */
export class SlotMap {
  /** Oldest assignment first. */
  readonly #entries = new Map<number, Entry>()
  readonly #free: number[] = []
  #capacity = 0
  #turn = 0

  get capacity(): number {
    return this.#capacity
  }

  /** The last change. */
  get generation(): number {
    return this.#turn
  }

  /** Grows only: slots go with the last reader, all at once. */
  grow(capacity: number): void {
    for (; this.#capacity < capacity; this.#capacity++) this.#free.push(this.#capacity)
  }

  /** Whether the piece has a slot, its bytes there or not. */
  has(piece: number): boolean {
    return this.#entries.has(piece)
  }

  /** Slot of a piece whose bytes are there. */
  slotOf(piece: number): number | undefined {
    const entry = this.#entries.get(piece)
    return entry?.here ? entry.slot : undefined
  }

  pin(piece: number): void {
    const entry = this.#entries.get(piece)
    if (entry) entry.pins++
  }

  unpin(piece: number): void {
    const entry = this.#entries.get(piece)
    if (entry) entry.pins--
  }

  /**
   * Its bytes are there, as of that turn. While the word was under way the piece may have lost its
   * slot, and even have got another one, where there are other bytes: then the word is too old.
   */
  verified(piece: number, generation: number): void {
    const entry = this.#entries.get(piece)
    if (entry && entry.generation <= generation) entry.here = true
  }

  /** Gives slots to these pieces, most wanted first, as far as there are any. */
  want(pieces: readonly number[]): SlotChanges {
    const wanted = new Set(pieces)
    const evict: number[] = []
    const assign: [number, number][] = []
    const generation = this.#turn + 1
    for (const piece of wanted) {
      if (this.#entries.has(piece)) continue
      const slot = this.#free.shift() ?? this.#evictOne(wanted, evict)
      if (slot === undefined) break
      this.#entries.set(piece, { slot, generation, here: false, pins: 0 })
      assign.push([piece, slot])
    }
    if (assign.length > 0) this.#turn = generation
    return { generation: this.#turn, evict, assign }
  }

  /** For an engine that knows nothing: every piece, its slot and whether its bytes are there. */
  all(): readonly (readonly [piece: number, slot: number, here: boolean])[] {
    return [...this.#entries].map(([piece, { slot, here }]) => [piece, slot, here] as const)
  }

  #evictOne(wanted: ReadonlySet<number>, evict: number[]): number | undefined {
    for (const [piece, { slot, pins }] of this.#entries) {
      if (pins > 0 || wanted.has(piece)) continue
      this.#entries.delete(piece)
      evict.push(piece)
      return slot
    }
    return undefined
  }
}
