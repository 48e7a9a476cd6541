import { type FileHandle, open } from 'node:fs/promises'
import { Bitfield } from '../../../common/bittorrent/bitfield.ts'
import { pieceCount } from '../../../common/bittorrent/piece-layout.ts'
import type { WireSlotChanges, WireSlots } from '../../protocol/messages.ts'
import type { Content } from './content.ts'

/** A content in fixed slots: only pieces that have been given one are fetched, none is announced. */
export interface SlotStore extends Content {
  /** Opens its file. @throws node's file errors */
  open(): Promise<SlotStore>
  /** First frees, then gives: a slot is used again only after this. */
  change(changes: Pick<WireSlotChanges, 'turn' | 'evict' | 'assign'>): void
}

/** Slots may change from the first moment, while the file is still being opened. */
export function createSlotStore(id: number, slots: WireSlots): SlotStore {
  const { layout } = slots
  let file: FileHandle | undefined
  let turn = slots.turn
  const slotOf = new Map<number, number>()
  const here = new Set<number>()
  /** The last write into each slot: the next one waits for it. */
  const writing = new Map<number, Promise<void>>()
  for (const [piece, slot, isHere] of slots.assigned) {
    slotOf.set(piece, slot)
    if (isHere) here.add(piece)
  }

  async function writeAll(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      if (!file) throw new Error('the slots are not open')
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }

  const store: SlotStore = {
    async open() {
      file = await open(slots.path, 'r+')
      return store
    },
    id,
    layout,
    fill: 'window',
    have: new Bitfield(pieceCount(layout)),
    readers: [],
    announced: false,
    get turn() {
      return turn
    },
    lacks: (piece) => slotOf.has(piece) && !here.has(piece),
    has: (piece) => here.has(piece),
    read: () => Promise.reject(new Error('slots are not given to others')),
    async keep(piece, bytes) {
      const slot = slotOf.get(piece)
      if (slot === undefined) return
      const before = writing.get(slot)
      const write = (async () => {
        await before
        // It may have lost its slot while it waited: then the bytes are somebody else's place.
        if (slotOf.get(piece) !== slot) return
        await writeAll(bytes, slot * layout.pieceLength)
        if (slotOf.get(piece) === slot) here.add(piece)
      })()
      const settled = write.catch(() => {})
      writing.set(slot, settled)
      await write.finally(() => {
        if (writing.get(slot) === settled) writing.delete(slot)
      })
    },
    change(changes) {
      turn = changes.turn
      for (const piece of changes.evict) {
        slotOf.delete(piece)
        here.delete(piece)
      }
      for (const [piece, slot] of changes.assign) slotOf.set(piece, slot)
    },
    close: async () => file?.close(),
  }
  return store
}
