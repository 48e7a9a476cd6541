import type { Janitor, Reservation } from '../../cache/limits/janitor.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'

/**
 * The slots of one file that room is reserved for. The room grows with the readers and goes with
 * the last of them, because a slot that was once written stays on disk.
 */
export class SlotRoom {
  readonly #janitor: Pick<Janitor, 'reserve'>
  readonly #key: FileKey
  /** Bytes: a slot holds one piece. */
  readonly #pieceLength: number
  #reservation: Reservation | undefined
  #capacity = 0
  #used = 0
  #released = false
  #lastTake: Promise<void> = Promise.resolve()

  constructor(janitor: Pick<Janitor, 'reserve'>, key: FileKey, pieceLength: number) {
    this.#janitor = janitor
    this.#key = key
    this.#pieceLength = pieceLength
  }

  /** Slots there is room for. */
  get capacity(): number {
    return this.#capacity
  }

  /**
   * Takes that many slots, and reserves room for those that are not free.
   * @throws Fault DOES_NOT_FIT; ENGINE_DIED after release()
   */
  take(slots: number): Promise<void> {
    const take = this.#lastTake.then(() => this.#take(slots))
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
    this.#reservation?.release()
  }

  async #take(slots: number): Promise<void> {
    const wanted = this.#used + slots
    if (wanted > this.#capacity) await this.#reserve(wanted)
    if (this.#released) throw new Fault('ENGINE_DIED')
    this.#used += slots
  }

  async #reserve(slots: number): Promise<void> {
    const bytes = slots * this.#pieceLength
    const layout = {
      pieceLength: this.#pieceLength,
      torrentLength: bytes,
      offset: 0,
      size: bytes,
    }
    // The greater reservation comes before the end of the smaller one: of two reservations for one
    // file the janitor counts only the greater.
    const greater = await this.#janitor.reserve(this.#key, layout)
    this.#reservation?.release()
    this.#reservation = greater
    if (this.#released) greater.release()
    // Not less when slots were given back meanwhile: the room is there for the next reader.
    this.#capacity = slots
  }
}
