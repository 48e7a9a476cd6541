import { type FileHandle, open } from 'node:fs/promises'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { pieceCount } from '../../../common/bittorrent/piece-layout.ts'
import type { SerializedSlots, SlotChangesMessage } from '../../protocol/messages.ts'
import type { EngineFile } from './engine-file.ts'

/** A content in fixed slots: only pieces that have been given one are fetched, none is announced. */
export interface SlotStore extends EngineFile {
  /** Opens its file. @throws node's file errors */
  open(): Promise<SlotStore>
  /** First frees, then gives: a slot is used again only after this. */
  change(changes: Pick<SlotChangesMessage, 'generation' | 'evict' | 'assign'>): void
}

/** Slots may change from the first moment, while the file is still being opened. */
export function createSlotStore(id: number, slots: SerializedSlots): SlotStore {
  const { layout } = slots
  let handle: FileHandle | undefined
  let generation = slots.generation
  const slotOf = new Map<number, number>()
  const written = new Set<number>()
  /** The last write into each slot: the next one waits for it. */
  const lastWrites = new Map<number, Promise<void>>()
  for (const [piece, slot, isWritten] of slots.assigned) {
    slotOf.set(piece, slot)
    if (isWritten) written.add(piece)
  }

  async function writeAll(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      if (!handle) throw new Error('the slots are not open')
      const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  const store: SlotStore = {
    async open() {
      handle = await open(slots.path, 'r+')
      return store
    },
    id,
    layout,
    fill: 'window',
    have: new Bitfield(pieceCount(layout)),
    readers: [],
    announced: false,
    get generation() {
      return generation
    },
    lacks: (piece) => slotOf.has(piece) && !written.has(piece),
    has: (piece) => written.has(piece),
    read: () => Promise.reject(new Error('slots are not given to others')),
    async write(piece, bytes) {
      const slot = slotOf.get(piece)
      if (slot === undefined) return
      const before = lastWrites.get(slot)
      const writing = (async () => {
        await before
        // It may have lost its slot while it waited: then the bytes are somebody else's place.
        if (slotOf.get(piece) !== slot) return
        await writeAll(bytes, slot * layout.pieceLength)
        if (slotOf.get(piece) === slot) written.add(piece)
      })()
      const settled = writing.catch(() => {})
      lastWrites.set(slot, settled)
      await writing.finally(() => {
        if (lastWrites.get(slot) === settled) lastWrites.delete(slot)
      })
    },
    change(changes) {
      generation = changes.generation
      for (const piece of changes.evict) {
        slotOf.delete(piece)
        written.delete(piece)
      }
      for (const [piece, slot] of changes.assign) slotOf.set(piece, slot)
    },
    close: async () => handle?.close(),
  }
  return store
}
