import { SlotStore } from '../../../torrent/engine/storage/slot-store.ts'
import {
  openSupervisedSlotFile,
  type SupervisedSlotFile,
} from '../../../torrent/supervisor/supervised-slot-file.ts'
import type { BuiltTorrent } from '../../support/swarm/torrent.ts'
import type { FakeEngine } from '../fake-engine.ts'

export interface PlayedSlots {
  readonly opened: SupervisedSlotFile[]
  readonly closed: number
  /** Pieces are fetched only while it is so. */
  flowing: boolean
}

/** Lets a fake engine serve slots: real ones on disk, whose pieces come as soon as they are wanted. */
export function playSlots(engine: FakeEngine, torrents: readonly BuiltTorrent[]): PlayedSlots {
  const played = { opened: [] as SupervisedSlotFile[], closed: 0, flowing: true }
  engine.openSlots = async (spec, layout, path) => {
    const torrent = torrents.find(({ infoHash }) => infoHash === spec.infoHash)
    const bytes = torrent?.content ?? Buffer.alloc(0)
    const store = await new SlotStore(1, { path, layout, generation: 0, assigned: [] }).open()
    const fetch = async (piece: number): Promise<void> => {
      const start = piece * layout.pieceLength
      await store.write(piece, bytes.subarray(start, start + layout.pieceLength)).catch(() => {})
      if (store.has(piece)) content.verified([piece], store.generation)
    }
    const content = await openSupervisedSlotFile(path, layout, {
      readers: () => {},
      slots(changes) {
        store.change(changes)
        if (played.flowing) for (const [piece] of changes.assign) void fetch(piece)
      },
      gone() {
        played.closed++
        void store.close()
      },
    })
    played.opened.push(content)
    return content
  }
  return played
}
