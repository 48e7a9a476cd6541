import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint, type PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { Reservation } from './janitor.ts'

export interface ReservedFile {
  readonly key: FileKey
  readonly layout: PieceLayout
}

/** The reservations of downloads that have not ended. */
export class Reservations {
  readonly #open = new Set<ReservedFile>()

  /**
   * The layout reserved for each file. Two reservations of one file need its room once: the larger one
   * counts.
   * @param extra counted as if it were reserved already
   */
  layouts(extra?: ReservedFile): Map<FileKey, PieceLayout> {
    const byKey = new Map<FileKey, PieceLayout>()
    for (const { key, layout } of extra ? [...this.#open, extra] : this.#open) {
      const other = byKey.get(key)
      if (!other || footprint(other) < footprint(layout)) byKey.set(key, layout)
    }
    return byKey
  }

  has(key: FileKey): boolean {
    for (const file of this.#open) if (file.key === key) return true
    return false
  }

  add(file: ReservedFile): Reservation {
    // A copy: adding the same object twice makes two reservations.
    const reserved = { ...file }
    this.#open.add(reserved)
    return { release: () => void this.#open.delete(reserved) }
  }
}
