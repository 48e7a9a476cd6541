import type { EvictionBudget, Reservation } from '../../cache/limits/janitor.ts'
import { Fault } from '../../common/errors.ts'

/**
 * How a file of slots may grow. `share`: to half at most of what nobody else has or was promised, so
 * that others find room too. `spare`: into what is free. Both leave room for the first slots of others.
 * `must`: others' films go for it.
 */
export type Growth = 'share' | 'spare' | 'must'

const SHARE = 2
/** What the windows of those who play leave for who comes: one slot at least. */
const LEFT_BYTES = 1 << 20

/**
 * The slots of one file that room is reserved for. The room grows with the readers and goes with
 * the last of them, because a slot that was once written stays on disk.
 */
export class SlotRoom {
  readonly #reservation: Reservation
  readonly #budget: EvictionBudget
  /** Bytes: a slot holds one piece. */
  readonly #pieceLength: number
  #capacity = 0
  #used = 0
  #released = false
  #lastTake: Promise<void> = Promise.resolve()

  constructor(reservation: Reservation, pieceLength: number, budget: EvictionBudget) {
    this.#reservation = reservation
    this.#pieceLength = pieceLength
    this.#budget = budget
  }

  /** Slots there is room for. */
  get capacity(): number {
    return this.#capacity
  }

  /**
   * Takes that many slots, and reserves room for those that are not free.
   * @throws Fault DOES_NOT_FIT; ENGINE_DIED after release()
   */
  take(slots: number, growth: Growth): Promise<void> {
    const take = this.#lastTake.then(() => this.#take(slots, growth))
    this.#lastTake = take.catch(() => {})
    return take
  }

  /** The next reader may use them; their room stays reserved until release(). */
  giveBack(slots: number): void {
    this.#used -= slots
  }

  /** To be called when the slots' file is gone. Safe to call twice. */
  release(): void {
    this.#released = true
    this.#reservation.release()
  }

  async #take(slots: number, growth: Growth): Promise<void> {
    const wanted = this.#used + slots
    try {
      if (wanted > this.#capacity) await this.#reserve(wanted, growth)
    } finally {
      // Whatever became of it: there is nothing to be had any more.
      this.#refuseReleased()
    }
    this.#used += slots
  }

  #refuseReleased(): void {
    if (this.#released) throw new Fault('ENGINE_DIED')
  }

  async #reserve(slots: number, growth: Growth): Promise<void> {
    const bytes = slots * this.#pieceLength
    const left = Math.max(this.#pieceLength, LEFT_BYTES)
    const promised = {
      share: Math.max(SHARE * bytes, bytes + left),
      spare: bytes + left,
      must: 0,
    }[growth]
    const budget = growth === 'spare' ? undefined : this.#budget
    await this.#reservation.grow(bytes, budget, promised, this.#budget.isSpent())
    // Not less when slots were given back meanwhile: the room is there for the next reader.
    this.#capacity = slots
  }
}
