import type { EvictionBudget } from '../../cache/limits/janitor.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint } from '../../common/bittorrent/piece-layout.ts'
import { Fault } from '../../common/errors.ts'
import type { Permits } from '../../common/permits/permits.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import { holdFile, type SharedTorrents } from '../jobs/hold-torrent.ts'
import type { Job } from '../jobs/shared-job.ts'
import type { InProgress } from './download-view.ts'
import type { EvictionAllowances } from './eviction-allowances.ts'
import { aborted, type OpenDeps } from './open-download.ts'
import { pinUntilLeft } from './publish-download.ts'
import { openSlotDownload } from './slot-download.ts'
import { WholeDownload } from './whole-download.ts'

/** What a viewer of a file that is being downloaded gets. */
export interface Download {
  readonly from: 'disk' | 'swarm'
  readonly name: string
  readonly size: number
  times(): DownloadTimes | undefined
  /** Bytes a second from the swarm, where that can be told. */
  rate?(): number | undefined
  /** The engine's file; the one on disk once it has been published. */
  source(): ByteSource
  /** A viewer has taken bytes. */
  wasRead(bytes: number): void
}

export interface DownloadDeps extends OpenDeps, SharedTorrents {
  readonly permits: Permits
  readonly allowances: EvictionAllowances
  /** Told of each file that is complete and has been published. */
  readonly published?: (key: FileKey) => void
}

/** A download whose room others may get. */
export interface RoomSharer {
  /** What it has on disk and can give. */
  bytes(): number
  /** Resolves when the room is free. */
  giveUp(): Promise<void>
}

/** How one download touches the others. */
export interface DownloadContext {
  /** Resolves when the speculative downloads that had to give way have given back room and permits. */
  readonly speculativeOver: Promise<unknown>
  /** Ends the downloads that nobody watches, or whose viewers take nothing; a promise for the end of each. */
  makeRoom(): Promise<void>[]
  /** Has another download give its room; false when there is none that could. */
  moreRoom(): Promise<boolean>
  /** @returns ends the sharing */
  sharesRoom(sharer: RoomSharer): () => void
  /** Told when the engine has opened the file. */
  opened(progress: InProgress): void
}

/** The work of a download, top-down; what it took is given back in reverse order when it is over. */
export async function runDownload(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  job: Job<Download>,
  context: DownloadContext,
): Promise<void> {
  const { name, layout, key } = fetchable
  let read = 0
  const about = {
    name,
    size: layout.size,
    wasRead(bytes: number): void {
      read += bytes
    },
  }
  const stored = await pinUntilLeft(deps, key, job)
  // Published while this job waited for the end of the one before it.
  if (stored) {
    return job.resolve({ ...about, from: 'disk', times: () => undefined, source: () => stored })
  }

  const lease = await holdFile(deps, fetchable, job)
  await context.speculativeOver
  await job.acquirePermit(deps.permits)
  // Peers are found and connected to while there is room made and the folder prepared.
  deps.engine.prepare(fetchable.spec)
  const budget = deps.allowances.budgetOf(job, layout.size)
  if ((await roomFor(deps, fetchable, job, context)) === 'slots') {
    if (await throughSlots(deps, fetchable, job, context, { about, budget })) return
    // No room that is free: what is evicted for it is evicted when a piece has come.
  }
  const wishes = { deps, context, budget, lease, bytesRead: () => read }
  const whole = await WholeDownload.open(wishes, fetchable, job)
  const source = () => whole.source
  const rate = () => whole.rate
  job.resolve({ ...about, from: 'swarm', times: () => whole.times, rate, source })
  await whole.run()
}

/**
 * Whether the file could be kept, or else a slot be had. Evicts nothing.
 * @throws Fault DOES_NOT_FIT
 */
async function roomFor(
  { janitor }: DownloadDeps,
  { key, layout }: FetchableFile,
  job: Job<Download>,
  context: DownloadContext,
): Promise<'whole' | 'slots'> {
  const fits = (): Promise<boolean> => janitor.couldFit(key, 'file', footprint(layout))
  if (await fits()) return 'whole'
  const ending = context.makeRoom()
  // Without the signal, two downloads that make room for each other would wait for ever.
  await Promise.race([Promise.all(ending), aborted(job.signal)])
  job.signal.throwIfAborted()
  if (ending.length > 0 && (await fits())) return 'whole'
  while (!(await janitor.couldFit(key, 'slots', layout.pieceLength))) {
    if (!(await context.moreRoom())) throw new Fault('DOES_NOT_FIT')
  }
  return 'slots'
}

/** False where no slot is free. */
async function throughSlots(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  job: Job<Download>,
  context: DownloadContext,
  given: { readonly about: Pick<Download, 'name' | 'size' | 'wasRead'>; budget: EvictionBudget },
): Promise<boolean> {
  const { about, budget } = given
  // A partial from a time when there was room is of no use to slots, and its room is needed.
  await deps.store.remove(fetchable.key)
  const moreRoom = () => context.moreRoom()
  const wishes = { budget, hadPiece: false, moreRoom }
  const opened = await openSlotDownload(deps, fetchable, job, wishes)
  if (!opened) return false
  const { file, source } = opened
  context.opened({ name: about.name, size: about.size, file })
  job.resolve({ ...about, from: 'swarm', times: () => file.times, source: () => source })
  await Promise.race([aborted(job.signal), file.ended])
  return true
}
