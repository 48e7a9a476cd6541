import type { Janitor, Reservation } from '../../cache/limits/janitor.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'

/** Slots of one content that are paid for with reserved room. */
export interface SlotRoom {
  /** Slots there is room for. */
  readonly capacity: number
  /** Room for that many more slots than are in use. @throws Fault DOES_NOT_FIT; ENGINE_DIED after release */
  take(slots: number): Promise<void>
  /** They may be used by the next reader; the room stays until release(). */
  giveBack(slots: number): void
  /** After the slots' file is gone. Safe to call twice. */
  release(): void
}

/** Room grows with the readers and goes with the last one: a slot once written stays on disk. */
export function createSlotRoom(
  janitor: Pick<Janitor, 'reserve'>,
  key: FileKey,
  pieceLength: number,
): SlotRoom {
  let reservation: Reservation | undefined
  let capacity = 0
  let used = 0
  let released = false
  let last: Promise<void> = Promise.resolve()

  async function grow(slots: number): Promise<void> {
    if (used + slots > capacity) {
      const bytes = (used + slots) * pieceLength
      const layout = { pieceLength, torrentLength: bytes, offset: 0, size: bytes }
      // The greater promise first: of two for one content the janitor counts the greater.
      const wanted = used + slots
      const greater = await janitor.reserve(key, layout)
      reservation?.release()
      reservation = greater
      if (released) greater.release()
      // The slots have come: what was given back meanwhile is still there for the next.
      capacity = wanted
    }
    if (released) throw new Fault('ENGINE_DIED')
    used += slots
  }

  return {
    get capacity() {
      return capacity
    },
    take(slots) {
      const grown = last.then(() => grow(slots))
      last = grown.catch(() => {})
      return grown
    },
    giveBack(slots) {
      used -= slots
    },
    release() {
      released = true
      reservation?.release()
    },
  }
}
