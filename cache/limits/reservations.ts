import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint, type PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { Reservation } from './janitor.ts'

/** Room promised to downloads that have not ended. */
export interface Reservations {
  /** Layouts by content, `extra` included: two promises for one content need its room once. */
  layouts(extra?: ReservedFile): Map<FileKey, PieceLayout>
  has(key: FileKey): boolean
  add(content: ReservedFile): Reservation
}

export interface ReservedFile {
  readonly key: FileKey
  readonly layout: PieceLayout
}

export function createReservations(): Reservations {
  const open = new Set<ReservedFile>()

  function layouts(extra?: ReservedFile): Map<FileKey, PieceLayout> {
    const byKey = new Map<FileKey, PieceLayout>()
    for (const { key, layout } of extra ? [...open, extra] : open) {
      const other = byKey.get(key)
      if (!other || footprint(other) < footprint(layout)) byKey.set(key, layout)
    }
    return byKey
  }

  return {
    layouts,
    has(key) {
      for (const content of open) if (content.key === key) return true
      return false
    },
    add(content) {
      // A copy: handing the same object in twice must still be two promises.
      const mine = { ...content }
      open.add(mine)
      return { release: () => void open.delete(mine) }
    },
  }
}
