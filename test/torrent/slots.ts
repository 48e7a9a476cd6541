import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PieceLayout, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import type { ReaderPlace } from '../../torrent/protocol/messages.ts'
import type { SlotChanges } from '../../torrent/supervisor/slot-map.ts'
import {
  openSupervisedSlotFile,
  type SupervisedSlotFile,
} from '../../torrent/supervisor/supervised-slot-file.ts'
import { payload } from '../support/swarm/payload.ts'

/** Ten pieces of 100 bytes in the torrent; the file begins in piece 2 and ends in piece 8. */
export const LAYOUT: PieceLayout = { pieceLength: 100, torrentLength: 960, offset: 250, size: 600 }
const TORRENT = payload('slots', LAYOUT.torrentLength)
export const FILM = TORRENT.subarray(LAYOUT.offset, LAYOUT.offset + LAYOUT.size)

export const pieceBytes = (piece: number, layout = LAYOUT, torrent = TORRENT): Buffer => {
  const start = piece * layout.pieceLength
  return torrent.subarray(start, start + pieceSize(layout, piece))
}

export interface Slots {
  readonly path: string
  readonly file: SupervisedSlotFile
  readonly told: (readonly ReaderPlace[])[]
  readonly changes: SlotChanges[]
  gone: number
  /** Writes pieces into the slots they have now and says so, as the engine does. */
  arrive(...pieces: number[]): Promise<void>
  end(): Promise<void>
}

/** A file of slots on a temporary file, and the engine's side in the test's hand. */
export async function openSlots(capacity: number): Promise<Slots> {
  const folder = await mkdtemp(join(tmpdir(), 'playlink-slots-'))
  const path = join(folder, 'slots')
  const handle = await open(path, 'w+')
  const told: (readonly ReaderPlace[])[] = []
  const changes: SlotChanges[] = []
  const all: Slots = {
    path,
    told,
    changes,
    gone: 0,
    file: await openSupervisedSlotFile(path, LAYOUT, {
      readers: (readers) => void told.push(readers),
      slots: (change) => void changes.push(change),
      gone: () => void all.gone++,
    }),
    async arrive(...pieces) {
      const { map } = all.file
      for (const [piece, slot] of map.all()) {
        if (!pieces.includes(piece)) continue
        const bytes = pieceBytes(piece)
        await handle.write(bytes, 0, bytes.length, slot * LAYOUT.pieceLength)
      }
      all.file.verified(pieces, map.generation)
    },
    async end() {
      await all.file.close()
      await handle.close()
      await rm(folder, { recursive: true })
    },
  }
  all.file.grow(capacity)
  return all
}

/** Descriptors of this process on a file. */
export function descriptorsOn(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path
    } catch {
      return false
    }
  }).length
}
