import type { PartialFile } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { Permits } from '../../common/permits/permits.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Job } from '../jobs/shared-job.ts'
import type { InProgress } from './download-view.ts'
import { aborted, type MakeRoom, type OpenDeps, openDownload } from './open-download.ts'
import { openSlotDownload } from './slot-download.ts'

/** What a viewer of a file that is being downloaded gets. */
export interface Download {
  readonly from: 'disk' | 'swarm'
  readonly name: string
  readonly size: number
  times(): DownloadTimes | undefined
  /** The engine's file; the one on disk once it has been published. */
  source(): ByteSource
}

export interface DownloadDeps extends OpenDeps {
  readonly permits: Permits
  /** Told of each file that is complete and has been published. */
  readonly published?: (key: FileKey) => void
}

/** How one download touches the others. */
export interface DownloadContext {
  /** Resolves when the speculative downloads that had to give way have given back room and permits. */
  readonly speculativeOver: Promise<unknown>
  readonly makeRoom: MakeRoom
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
  const about = aboutOf(fetchable)
  const stored = await pinUntilLeft(deps, fetchable, job)
  // Published while this job waited for the end of the one before it.
  if (stored) {
    return job.resolve({ ...about, from: 'disk', times: () => undefined, source: () => stored })
  }

  await context.speculativeOver
  await job.acquirePermit(deps.permits)
  const opened = await openDownload(deps, fetchable, job, context.makeRoom).catch(unlessTooLarge)
  if (!opened) return downloadThroughSlots(deps, fetchable, job, context)
  const { partial, file } = opened
  context.opened({ ...about, partial, file })
  let source: ByteSource = { read: (range) => file.reader(range) }
  job.resolve({ ...about, from: 'swarm', times: () => file.times, source: () => source })

  const ended = aborted(job.signal)
  const complete = await Promise.race([file.finished.then(() => true), ended.then(() => false)])
  if (!complete) return
  const disk = await publish(deps, fetchable, partial, job)
  if (!disk) return ended
  source = disk
  job.setPreemptible()
  // Seeds while somebody watches, until another download needs its permit.
  return ended
}

/** Undefined where there is no room for the whole file; anything else is thrown on. */
function unlessTooLarge(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'DOES_NOT_FIT') return undefined
  throw error
}

const aboutOf = ({ name, layout }: FetchableFile) => ({ name, size: layout.size })

async function downloadThroughSlots(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  job: Job<Download>,
  context: DownloadContext,
): Promise<void> {
  const { file, source } = await openSlotDownload(deps, fetchable, job)
  const about = aboutOf(fetchable)
  context.opened({ ...about, file })
  job.resolve({ ...about, from: 'swarm', times: () => file.times, source: () => source })
  await Promise.race([aborted(job.signal), file.ended])
}

/** From here on plays find the file on disk, and those that read it already go on from there. */
async function publish(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  partial: PartialFile,
  job: Job<Download>,
): Promise<ByteSource | undefined> {
  try {
    await partial.publish()
    deps.published?.(fetchable.key)
    return await pinUntilLeft(deps, fetchable, job)
  } catch (error) {
    // All its pieces are on disk: the next play opens the partial again and publishes it.
    deps.log.error({ err: error, key: fetchable.key }, 'could not publish')
    return undefined
  }
}

/** The complete file on disk, pinned until the last viewer of the job has left. */
async function pinUntilLeft(
  { store }: DownloadDeps,
  { key }: FetchableFile,
  job: Job<Download>,
): Promise<ByteSource | undefined> {
  const disk = await store.pin(key)
  if (disk) job.deferUntilLeft('disk', () => disk.release())
  return disk
}
