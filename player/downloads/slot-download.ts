import type { FileStore } from '../../cache/disk/file-store.ts'
import type { EvictionBudget, Janitor } from '../../cache/limits/janitor.ts'
import { Fault } from '../../common/errors.ts'
import type { SlotFile, TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Job } from '../jobs/shared-job.ts'
import { SlotRoom } from './slot-room.ts'
import { SlotSource } from './slot-source.ts'

export interface SlotDeps {
  readonly store: Pick<FileStore, 'openSlots'>
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: Pick<TorrentEngine, 'openSlots'>
}

export interface SlotWishes {
  readonly budget: EvictionBudget
  /** A piece of the file has come before: others' films may go for its slots at once. */
  readonly hadPiece: boolean
  /** Has another download give room; false when there is none that could. */
  moreRoom(): Promise<boolean>
}

export interface OpenSlots {
  readonly file: SlotFile
  readonly source: ByteSource
}

/**
 * Opens a file that cannot be kept because it is larger than the limit, or than what is not in use:
 * it is played through slots, and nothing of it stays (docs/decisions/0007-slots.md).
 * Undefined where there is no room for one slot.
 * @throws what the store and the engine throw
 */
export async function openSlotDownload(
  deps: SlotDeps,
  { key, layout, spec }: FetchableFile,
  job: Pick<Job<unknown>, 'signal' | 'defer'>,
  wishes: SlotWishes,
): Promise<OpenSlots | undefined> {
  let opened: SlotFile | undefined
  const hasPiece = (): boolean => wishes.hadPiece || opened?.times.piece !== undefined
  const { budget: account } = wishes
  // Whoever has had all that they may is refused no film: one slot is found for one of them at a time.
  const isServed = (): boolean => room.capacity === 0 && account.takeWindow()
  const left = (): number => (account.left() > 0 || !isServed() ? account.left() : 1)
  const budget: EvictionBudget = {
    ...account,
    left: () => (hasPiece() ? left() : 0),
    filesLeft: () => (hasPiece() ? account.filesLeft() : 0),
    isSpent: () => account.isSpent() && !isServed(),
  }
  job.defer('window', () => account.giveWindow())
  const reservation = deps.janitor.reserve(key, 'slots')
  const room = new SlotRoom(reservation, layout.pieceLength, budget)
  if (!(await hasOneSlot(room))) {
    room.release()
    return undefined
  }
  job.defer('room of slots', () => room.release())
  job.signal.throwIfAborted()
  const place = await deps.store.openSlots(key)
  job.defer('slots', () => place.close())
  const file = await deps.engine.openSlots(spec, layout, place.path, job.signal)
  opened = file
  file.ended.catch(() => {}) // the download handles it
  job.defer('engine file', () => file.close())
  file.grow(room.capacity)
  job.signal.throwIfAborted()
  return { file, source: new SlotSource(file, room, wishes.moreRoom) }
}

async function hasOneSlot(room: SlotRoom): Promise<boolean> {
  try {
    await room.take(1, 'must')
    room.giveBack(1)
    return true
  } catch (error) {
    if (error instanceof Fault && error.code === 'DOES_NOT_FIT') return false
    throw error
  }
}
