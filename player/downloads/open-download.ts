import type { FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { EvictionBudget, Janitor, Reservation } from '../../cache/limits/janitor.ts'
import type { TorrentLease } from '../../cluster/torrent-lease.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { firstPiece, footprint } from '../../common/bittorrent/piece-layout.ts'
import type { Log } from '../../common/log.ts'
import type {
  DownloadEvents,
  DownloadPlace,
  FileDownload,
  TorrentEngine,
} from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { Job } from '../jobs/shared-job.ts'
import { DownloadRate } from './download-rate.ts'
import { DownloadRoom } from './download-room.ts'

export interface OpenDeps {
  readonly store: FileStore
  readonly janitor: Pick<Janitor, 'reserve' | 'couldFit'>
  readonly engine: TorrentEngine
  readonly fill: DownloadPlace['fill']
  readonly log: Log
}

export interface OpenDownload {
  readonly partial: PartialFile
  readonly file: FileDownload
  readonly reservation: Reservation
  readonly room: DownloadRoom
  readonly rate: DownloadRate
}

/** What the room of a download depends on. */
export interface RoomWishes {
  /** Absent: only free room is taken. */
  readonly budget?: EvictionBudget
  /** The lease that it is fetched under, where several nodes share one index. */
  readonly lease?: Pick<TorrentLease, 'fence'> | undefined
  /** Bytes that viewers have taken. */
  bytesRead(): number
}

type AnyJob = Pick<Job<unknown>, 'signal' | 'defer'>

/**
 * Takes the reservation, the partial and the engine's file, in this order; what gives each of them
 * back is handed to `job.defer` in the same step. No room is taken yet: verified pieces will ask for it.
 * @throws what the store and the engine throw
 */
export async function openDownload(
  deps: OpenDeps,
  fetchable: FetchableFile,
  job: AnyJob,
  wishes: RoomWishes,
): Promise<OpenDownload> {
  const { key, layout, spec } = fetchable
  const reservation = deps.janitor.reserve(key, 'file')
  job.defer('reservation', () => reservation.release())

  const partial = await deps.store.open(key, fetchable.name, layout, wishes.lease?.fence)
  job.defer('partial', () => partial.close())
  reservation.hold(partial.record.bytes)
  // Nobody waits for it: it takes ten turns of the event loop, of which each may be long.
  const metainfo = keepMetainfo(deps, fetchable)
  job.defer('metainfo', () => metainfo)
  job.signal.throwIfAborted()

  let file: FileDownload | undefined
  const room = new DownloadRoom({
    ...wishes,
    reservation,
    footprint: footprint(layout),
    onDisk: () => partial.record.bytes,
    give: (bytes) => file?.giveRoom(bytes),
  })
  const place = placeOf(deps, fetchable, partial)
  const rate = new DownloadRate()
  const events = eventsOf(partial, room, rate, job)
  file = await deps.engine.open(spec, place, events, job.signal)
  file.finished.catch(() => {}) // the download handles it; without this an early close would be an unhandled rejection
  const opened = file
  job.defer('engine file', async () => {
    if ((await opened.close()) === 'untold') partial.mayHoldMore()
  })
  job.defer('room', () => room.end())
  // After an unclean stop the engine has hashed what was there: these pieces can be trusted.
  if (!partial.trusted) partial.mark(setPieces(file.have, firstPiece(layout)))
  job.signal.throwIfAborted()
  return { partial, file, reservation, room, rate }
}

function eventsOf(
  partial: PartialFile,
  room: DownloadRoom,
  rate: DownloadRate,
  job: AnyJob,
): DownloadEvents {
  let open = true
  job.defer('events', () => {
    open = false // a late message of the engine must not touch a closed file
  })
  return {
    verified(pieces) {
      if (!open) return
      partial.mark(pieces)
      rate.add(partial.record.bytes, performance.now())
      room.verified()
    },
    missing: (pieces) => void (open && partial.unmark(pieces)),
    needsRoom: (bytes) => void (open && room.need(bytes)),
  }
}

function placeOf(deps: OpenDeps, fetchable: FetchableFile, partial: PartialFile): DownloadPlace {
  const { pieces } = partial.record
  return {
    folder: partial.folder,
    fileIdx: fetchable.fileIdx,
    layout: fetchable.layout,
    have: new Bitfield(pieces.length, pieces.bytes),
    trusted: partial.trusted,
    fill: deps.fill,
    room: partial.record.bytes,
  }
}

/** As numbers within the torrent; the bitfield begins with the file's first piece. */
function setPieces(have: Bitfield, first: number): number[] {
  const pieces: number[] = []
  for (let i = 0; i < have.length; i++) if (have.has(i)) pieces.push(first + i)
  return pieces
}

/** Kept beside the bytes, so that after a restart no peer has to be asked for it. */
async function keepMetainfo({ store, log }: OpenDeps, fetchable: FetchableFile): Promise<void> {
  const { infoHash, metainfo } = fetchable.spec
  try {
    if (metainfo && !(await store.readMetainfo(infoHash))) {
      await store.writeMetainfo(infoHash, metainfo)
    }
  } catch (error) {
    log.warn({ err: error, infoHash }, 'metainfo not kept')
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
