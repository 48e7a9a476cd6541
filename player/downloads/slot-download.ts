import type { FileStore } from '../../cache/disk/file-store.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { SlotFile, TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Job } from '../jobs/shared-job.ts'
import { SlotRoom } from './slot-room.ts'
import { SlotSource } from './slot-source.ts'

export interface SlotDeps {
  readonly store: Pick<FileStore, 'remove' | 'records' | 'openSlots'>
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: Pick<TorrentEngine, 'openSlots'>
}

/**
 * Opens a file that cannot be kept because it is larger than the limit, or than what is not in use:
 * it is played through slots, and nothing of it stays (docs/decisions/0007-slots.md).
 * @throws Fault DOES_NOT_FIT when not even one window fits, and what the engine throws
 */
export async function openSlotDownload(
  deps: SlotDeps,
  { key, layout, spec }: FetchableFile,
  job: Pick<Job<unknown>, 'signal' | 'defer'>,
): Promise<{ readonly file: SlotFile; readonly source: ByteSource }> {
  const room = new SlotRoom(deps.janitor, key, layout.pieceLength)
  job.defer('room of slots', () => room.release())
  // A partial from a time when there was room is of no use to slots, and its room is needed.
  await removePartial(deps.store, key)
  await room.take(1)
  room.giveBack(1)
  job.signal.throwIfAborted()
  const place = await deps.store.openSlots(key)
  job.defer('slots', () => place.close())
  const file = await deps.engine.openSlots(spec, layout, place.path, job.signal)
  file.ended.catch(() => {}) // the download handles it
  job.defer('engine file', () => file.close())
  file.grow(room.capacity)
  job.signal.throwIfAborted()
  return { file, source: new SlotSource(file, room) }
}

/** A partial that stays would share the reservation with the slots: two files in the room of one. */
async function removePartial(store: SlotDeps['store'], key: FileKey): Promise<void> {
  if (await store.remove(key)) return
  for (const record of store.records()) if (record.key === key) throw new Fault('DOES_NOT_FIT')
}
