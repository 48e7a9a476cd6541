import type { FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { Janitor, Reservation } from '../../cache/limits/janitor.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type {
  DownloadPlace,
  FileDownload,
  TorrentEngine,
} from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { Job } from '../jobs/shared-job.ts'

export interface OpenDeps {
  readonly store: FileStore
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: TorrentEngine
  readonly fill: DownloadPlace['fill']
  readonly log: Log
}

export interface OpenDownload {
  readonly partial: PartialFile
  readonly file: FileDownload
}

/** Ends the downloads that nobody watches; gives a promise for the end of each. */
export type MakeRoom = () => Promise<void>[]

type AnyJob = Pick<Job<unknown>, 'signal' | 'defer'>

/**
 * Takes the reservation, the partial and the engine's file, in this order; what gives each of them
 * back is handed to `job.defer` in the same step.
 * @throws Fault DOES_NOT_FIT, and what the engine throws
 */
export async function openDownload(
  deps: OpenDeps,
  fetchable: FetchableFile,
  job: AnyJob,
  makeRoom: MakeRoom,
): Promise<OpenDownload> {
  const { key, layout, spec } = fetchable
  const reservation = await reserve(deps, fetchable, job, makeRoom)
  job.defer('reservation', () => reservation.release())
  job.signal.throwIfAborted()

  const partial = await deps.store.open(key, fetchable.name, layout)
  job.defer('partial', () => partial.close())
  const metainfo = keepMetainfo(deps, fetchable)
  job.signal.throwIfAborted()

  let open = true
  const events = {
    verified: (pieces: readonly number[]) => void (open && partial.mark(pieces)),
    missing: (pieces: readonly number[]) => void (open && partial.unmark(pieces)),
  }
  job.defer('events', () => {
    open = false // a late message of the engine must not touch a closed file
  })
  const place = placeOf(deps, fetchable, partial)
  const file = await deps.engine.open(spec, place, events, job.signal).finally(() => metainfo)
  file.finished.catch(() => {}) // the download handles it; without this an early close would be an unhandled rejection
  job.defer('engine file', () => file.close())
  // After an unclean stop the engine has hashed what was there: these pieces can be trusted.
  if (!partial.trusted) partial.mark(setPieces(file.have, firstPiece(layout)))
  job.signal.throwIfAborted()
  return { partial, file }
}

/** When it does not fit, downloads that linger without a viewer give up their room first. */
async function reserve(
  { janitor }: OpenDeps,
  { key, layout }: FetchableFile,
  job: AnyJob,
  makeRoom: MakeRoom,
): Promise<Reservation> {
  try {
    return await janitor.reserve(key, layout)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'DOES_NOT_FIT') throw error
    const ending = makeRoom()
    if (ending.length === 0) throw error
    // Without the signal, two downloads that make room for each other would wait for ever.
    await Promise.race([Promise.all(ending), aborted(job.signal)])
    job.signal.throwIfAborted()
    return janitor.reserve(key, layout)
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
