import type { FileStore } from '../cache/file-store.ts'
import type { Janitor } from '../cache/janitor.ts'
import type { SlotFile, TorrentEngine } from '../torrent/torrent-engine.ts'
import type { Content } from './content.ts'
import type { Job } from './shared-job.ts'
import { createSlotRoom } from './slot-room.ts'
import { createSlotSource } from './slot-source.ts'
import type { ByteSource } from './watched-reader.ts'

export interface SlotDeps {
  readonly store: Pick<FileStore, 'remove' | 'openSlots'>
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: Pick<TorrentEngine, 'openSlots'>
}

/**
 * Opens a content that cannot be kept (larger than the limit, or the rest is in use): it is played
 * through slots, and nothing of it stays (design idea 7).
 * @throws Fault DOES_NOT_FIT when not even one window fits, and what the engine throws
 */
export async function openSlotArrival(
  deps: SlotDeps,
  { key, layout, spec }: Content,
  job: Pick<Job<unknown>, 'signal' | 'undo'>,
): Promise<{ readonly file: SlotFile; readonly source: ByteSource }> {
  const room = createSlotRoom(deps.janitor, key, layout.pieceLength)
  job.undo('room of slots', room.release)
  // Of a part kept from better days nothing can come any more, and its room is needed.
  await deps.store.remove(key)
  await room.take(1)
  room.giveBack(1)
  job.signal.throwIfAborted()
  const place = await deps.store.openSlots(key)
  job.undo('slots', place.close)
  const file = await deps.engine.openSlots(spec, layout, place.path, job.signal)
  file.ended.catch(() => {}) // heard by the arrival
  job.undo('engine file', () => file.close())
  file.grow(room.capacity)
  job.signal.throwIfAborted()
  return { file, source: createSlotSource(file, room) }
}
