import type { FileStore, PartialFile } from '../../cache/disk/file-store.ts'
import type { Janitor, Reservation } from '../../cache/limits/janitor.ts'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import { firstPiece } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FileDownload, Place, TorrentEngine } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { Job } from '../jobs/shared-job.ts'

export interface OpenDeps {
  readonly store: FileStore
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: TorrentEngine
  readonly fill: Place['fill']
  readonly log: Log
}

export interface OpenDownload {
  readonly partial: PartialFile
  readonly file: FileDownload
}

/** Ends downloads nobody watches; promises of their end, none when there are none. */
export type MakeRoom = () => Promise<void>[]

type AnyJob = Pick<Job<unknown>, 'signal' | 'defer'>

/**
 * Reservation, folder, engine, in this order; each is given to `job.undo` in the step that took it.
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

  let ours = true
  const events = {
    verified: (pieces: readonly number[]) => void (ours && partial.mark(pieces)),
    missing: (pieces: readonly number[]) => void (ours && partial.unmark(pieces)),
  }
  job.defer('events', () => {
    ours = false // a late word of the engine must not touch a closed file
  })
  const place = placeOf(deps, fetchable, partial)
  const file = await deps.engine.open(spec, place, events, job.signal).finally(() => metainfo)
  file.finished.catch(() => {}) // heard by the download; here so that closing early is no unheard fault
  job.defer('engine file', () => file.close())
  // After an unclean stop the engine has hashed what was there: say which pieces may be believed.
  if (!partial.trusted) partial.mark(setPieces(file.have, firstPiece(layout)))
  job.signal.throwIfAborted()
  return { partial, file }
}

/** What nobody watches any more, but still holds its room for the keep, gives way first. */
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
    const ended = makeRoom()
    if (ended.length === 0) throw error
    // Two that make room for each other at once would wait for ever without the signal.
    await Promise.race([Promise.all(ended), aborted(job.signal)])
    job.signal.throwIfAborted()
    return janitor.reserve(key, layout)
  }
}

function placeOf(deps: OpenDeps, fetchable: FetchableFile, partial: PartialFile): Place {
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

/** Numbered in the torrent. */
function setPieces(have: Bitfield, first: number): number[] {
  const pieces: number[] = []
  for (let i = 0; i < have.length; i++) if (have.has(i)) pieces.push(first + i)
  return pieces
}

/** Beside the bytes, so that the next start needs no peer to describe them. */
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
