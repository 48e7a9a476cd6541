/** A change of slots, as the engine is told of it. */
export interface SlotChanges {
  /** Counts the changes: what the engine says of slots is true as of a generation. */
  readonly generation: number
  /** Pieces whose slots are free from now on. */
  readonly unassign: readonly number[]
  readonly assign: readonly (readonly [piece: number, slot: number])[]
}

interface Entry {
  readonly slot: number
  /** The change that gave it the slot. */
  readonly generation: number
  isWritten: boolean
  /** Running reads: a pinned piece keeps its slot. */
  pins: number
}

/**
 * Which piece is in which slot of a file (docs/decisions/0007). What readers want has a slot; what they
 * have left keeps its slot until another piece needs it.
 */
export class SlotMap {
  /** Oldest assignment first. */
  readonly #entries = new Map<number, Entry>()
  readonly #free: number[] = []
  #capacity = 0
  #generation = 0

  get capacity(): number {
    return this.#capacity
  }

  /** Of the last change. */
  get generation(): number {
    return this.#generation
  }

  /** It only grows: all slots are given up together, with the last reader. */
  grow(capacity: number): void {
    for (; this.#capacity < capacity; this.#capacity++) this.#free.push(this.#capacity)
  }

  /** Whether the piece has a slot, with its bytes in it or not. */
  has(piece: number): boolean {
    return this.#entries.has(piece)
  }

  /** The slot of a piece whose bytes are in it. */
  slotOf(piece: number): number | undefined {
    const entry = this.#entries.get(piece)
    return entry?.isWritten ? entry.slot : undefined
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
   * The engine has written the piece, as of that generation. Meanwhile the piece may have lost its slot
   * and got another one with other bytes in it: then the message is too old and is ignored.
   */
  verified(piece: number, generation: number): void {
    const entry = this.#entries.get(piece)
    if (entry && entry.generation <= generation) entry.isWritten = true
  }

  /** Assigns slots to these pieces, the most wanted first, as far as there are slots. */
  want(pieces: readonly number[]): SlotChanges {
    const wanted = new Set(pieces)
    const unassign: number[] = []
    const assign: [number, number][] = []
    const generation = this.#generation + 1
    for (const piece of wanted) {
      if (this.#entries.has(piece)) continue
      const slot = this.#free.shift() ?? this.#unassignOne(wanted, unassign)
      if (slot === undefined) break
      this.#entries.set(piece, { slot, generation, isWritten: false, pins: 0 })
      assign.push([piece, slot])
    }
    if (assign.length > 0) this.#generation = generation
    return { generation: this.#generation, unassign, assign }
  }

  /** For an engine that knows nothing: every piece, its slot, and whether its bytes are in it. */
  all(): readonly (readonly [piece: number, slot: number, isWritten: boolean])[] {
    return [...this.#entries].map(
      ([piece, { slot, isWritten }]) => [piece, slot, isWritten] as const,
    )
  }

  #unassignOne(wanted: ReadonlySet<number>, unassign: number[]): number | undefined {
    for (const [piece, { slot, pins }] of this.#entries) {
      if (pins > 0 || wanted.has(piece)) continue
      this.#entries.delete(piece)
      unassign.push(piece)
      return slot
    }
    return undefined
  }
}
