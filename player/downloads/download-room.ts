import type { EvictionBudget, Reservation } from '../../cache/limits/janitor.ts'

/** What the engine is ahead of the verified bytes while there is free room for it. */
const STEP_BYTES = 16 << 20
/** Kept back for a window of slots, should the next step not be had. */
const HAND_BYTES = 8 << 20

interface RoomParts {
  readonly reservation: Reservation
  /** Bytes of the complete file on disk. */
  readonly footprint: number
  /** Absent: only free room is taken. */
  readonly budget?: EvictionBudget | undefined
  /** Bytes of it that are on disk. */
  onDisk(): number
  /** Bytes of it that viewers have taken. */
  bytesRead(): number
  /** Lets the engine write so much, in all. */
  give(bytes: number): void
}

/**
 * The room of a file that is being downloaded (docs/decisions/0022). Nothing is reserved before a
 * verified piece asks for it. From then on free room is taken in steps ahead of the pieces, and others'
 * films go only for a piece that has come, or for no more than the viewers have read.
 */
export class DownloadRoom {
  /** Resolves when the file cannot be kept as a whole. */
  readonly denied: Promise<void>
  readonly #parts: RoomParts
  readonly #denial = Promise.withResolvers<void>()
  #given: number
  #last: Promise<void> = Promise.resolve()
  #growing = false
  #ended = false
  #isOver = false

  constructor(parts: RoomParts) {
    this.#parts = parts
    this.#given = parts.onDisk()
    this.denied = this.#denial.promise
  }

  /** A verified piece waits: with it the file takes so many bytes. */
  need(bytes: number): void {
    this.#last = this.#last.then(() => this.#serve(bytes))
  }

  /** Pieces have come: the next step is taken before it is needed. */
  verified(): void {
    const { footprint, onDisk } = this.#parts
    if (this.#growing || this.#given >= footprint || this.#given - onDisk() > HAND_BYTES) return
    this.#growing = true
    this.#last = this.#last.then(async () => {
      await this.#ahead(onDisk())
      this.#growing = false
    })
  }

  /** It gives up the place of the whole file to others. */
  deny(): void {
    this.#ended = true
    this.#denial.resolve()
  }

  /** Nothing is taken any more; resolves when no step runs. Safe to call twice. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#last
    const { reservation, onDisk, budget } = this.#parts
    if (!this.#isOver) budget?.took(Math.min(0, onDisk() - reservation.bytes))
    this.#isOver = true
  }

  async #serve(bytes: number): Promise<void> {
    if (this.#ended) return
    if ((await this.#ahead(bytes)) || (await this.#grow(bytes, 'evict'))) {
      // What was evicted may have been larger than the piece.
      await this.#ahead(bytes)
      this.#give(bytes)
    } else if (!this.#ended) this.deny()
  }

  /** Room beyond so many bytes: what is free, else what the viewers have read. */
  async #ahead(bytes: number): Promise<boolean> {
    const more = Math.min(STEP_BYTES, this.#parts.bytesRead())
    const isEnough =
      (await this.#grow(bytes + STEP_BYTES)) ||
      (await this.#grow(bytes + HAND_BYTES)) ||
      (more > 0 && (await this.#grow(bytes + more, 'evict')))
    if (isEnough) this.#give(bytes)
    return isEnough
  }

  /** Whose allowance is used up leaves a part of what is free to others. */
  async #grow(bytes: number, how: 'free' | 'evict' = 'free'): Promise<boolean> {
    const { reservation, footprint, budget } = this.#parts
    if (this.#ended) return false
    const before = reservation.bytes
    const payer = how === 'evict' ? budget : undefined
    try {
      await reservation.grow(Math.min(bytes, footprint), payer, footprint, budget?.isSpent())
    } catch {
      return false // DOES_NOT_FIT is all that grow() throws
    }
    budget?.took(reservation.bytes - before)
    return true
  }

  /** All but the hand; the whole when all of it is reserved. */
  #give(least: number): void {
    const { reservation, footprint, give } = this.#parts
    const isWhole = reservation.bytes >= footprint
    const most = isWhole ? footprint : Math.max(least, reservation.bytes - HAND_BYTES)
    if (this.#ended || most <= this.#given || reservation.bytes < least) return
    this.#given = most
    give(most)
  }
}
