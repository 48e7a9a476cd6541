import type { PartialFile } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Permits } from '../jobs/permits.ts'
import type { Job, Share } from '../jobs/shared-job.ts'
import { createSharedJobs } from '../jobs/shared-jobs.ts'
import { type DownloadView, type InProgress, percentOf, viewOf } from './download-view.ts'
import { fetchHeadAndTail, untilOver } from './head-tail-download.ts'
import { aborted, type MakeRoom, type OpenDeps, openDownload } from './open-download.ts'
import { openSlotDownload } from './slot-download.ts'

/** What a viewer of an arriving content gets. */
export interface Download {
  readonly from: 'disk' | 'swarm'
  readonly name: string
  readonly size: number
  times(): DownloadTimes | undefined
  /** The swarm's file, or the disk's once it was published. */
  source(): ByteSource
}

/** One download a content, however many watch. */
export interface Downloads {
  joinRunning(key: FileKey): Share<Download> | undefined
  /** Joins or begins. */
  join(fetchable: FetchableFile): Share<Download>
  /**
   * Head and tail for a play that may come, with room and a turn that nobody needs; resolves when they
   * are here or it gave way. Undefined when the content is arriving already.
   */
  fetchAhead(fetchable: FetchableFile, signal: AbortSignal): Promise<boolean> | undefined
  /** 0 to 99 while it arrives. */
  percent(key: FileKey): number | undefined
  /** Begun and not over, whether or not it has come to its bytes. */
  isRunning(key: FileKey): boolean
  view(key: FileKey): DownloadView | undefined
  /** Those that have come to their bytes. */
  views(): readonly DownloadView[]
  readonly bytesPerSecond: number
  close(reason: unknown): Promise<void>
}

export interface DownloadDeps extends OpenDeps {
  readonly permits: Permits
  readonly lingerMs: number
  /** Told of each content that has become whole and found on disk. */
  readonly published?: (key: FileKey) => void
}

export function createDownloads(deps: DownloadDeps): Downloads {
  const jobs = createSharedJobs<Download>(deps)
  const inProgress = new Map<FileKey, InProgress>()

  return {
    joinRunning: (key) => (jobs.isRunning(key) ? jobs.joinRunning(key) : undefined),
    join(fetchable) {
      // A play goes before every guess. One at this content fetches its ends only: what it has is on
      // disk for the one who comes.
      const gone = jobs.isRunning(fetchable.key) ? [] : jobs.endSpeculative()
      return jobs.join(fetchable.key, (job) =>
        runDownload(deps, fetchable, job, {
          alone: Promise.all(gone),
          makeRoom: () => jobs.endUnwatched(fetchable.key),
          opened(now) {
            inProgress.set(fetchable.key, now)
            job.defer('progress', () => void inProgress.delete(fetchable.key))
          },
        }),
      )
    },
    fetchAhead(fetchable, signal) {
      const job = jobs.startSpeculative(fetchable.key, (mine) =>
        fetchHeadAndTail(deps, fetchable, mine),
      )
      return job && untilOver(job, signal)
    },
    percent(key) {
      const now = inProgress.get(key)
      return now && percentOf(now)
    },
    isRunning: (key) => jobs.isRunning(key),
    view(key) {
      const now = inProgress.get(key)
      return now && viewOf(key, now)
    },
    views: () => [...inProgress].map(([key, now]) => viewOf(key, now)),
    get bytesPerSecond() {
      let sum = 0
      for (const { file } of inProgress.values()) sum += file.progress.bytesPerSecond
      return sum
    },
    close: (reason) => jobs.close(reason),
  }
}

/** The life of a download, top-down; whatever it took goes back in reverse when it is over. */
async function runDownload(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  job: Job<Download>,
  context: { alone: Promise<unknown>; makeRoom: MakeRoom; opened(now: InProgress): void },
): Promise<void> {
  const about = { name: fetchable.name, size: fetchable.layout.size }
  const pinned = await pin(deps, fetchable, job)
  // Published while this job waited for the one before it to end.
  if (pinned) {
    return job.ready({ ...about, from: 'disk', times: () => undefined, source: () => pinned })
  }

  await context.alone // room and turns of what was guessed
  await job.acquirePermit(deps.permits)
  const kept = await openDownload(deps, fetchable, job, context.makeRoom).catch(unlessTooLarge)
  if (!kept) return throughSlots(deps, fetchable, job, context.opened)
  const { partial, file } = kept
  context.opened({ ...about, partial, file })
  let source: ByteSource = { read: (range) => file.reader(range) }
  job.ready({ ...about, from: 'swarm', times: () => file.times, source: () => source })

  const over = aborted(job.signal)
  const complete = await Promise.race([file.finished.then(() => true), over.then(() => false)])
  if (!complete) return
  const disk = await publish(deps, fetchable, partial, job)
  if (!disk) return over
  source = disk
  job.setPreemptible()
  // Seeds on while somebody watches, until another download needs its place.
  return over
}

/** Undefined where there is no room for the whole of it; anything else is thrown on. */
function unlessTooLarge(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'DOES_NOT_FIT') return undefined
  throw error
}

async function throughSlots(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  job: Job<Download>,
  opened: (now: InProgress) => void,
): Promise<void> {
  const { file, source } = await openSlotDownload(deps, fetchable, job)
  const about = { name: fetchable.name, size: fetchable.layout.size }
  opened({ ...about, file })
  job.ready({ ...about, from: 'swarm', times: () => file.times, source: () => source })
  await Promise.race([aborted(job.signal), file.ended])
}

/** From here on plays find it on disk; who reads already goes on there too. */
async function publish(
  deps: DownloadDeps,
  fetchable: FetchableFile,
  partial: PartialFile,
  job: Job<Download>,
): Promise<ByteSource | undefined> {
  try {
    await partial.publish()
    deps.published?.(fetchable.key)
    return await pin(deps, fetchable, job)
  } catch (error) {
    // Its pieces are all there: the next play opens the partial again and publishes.
    deps.log.error({ err: error, key: fetchable.key }, 'could not publish')
    return undefined
  }
}

/** The complete file, held until the last viewer of the job has left. */
async function pin({ store }: DownloadDeps, { key }: FetchableFile, job: Job<Download>) {
  const disk = await store.pin(key)
  if (disk) job.deferUntilLeft('disk', () => disk.release())
  return disk
}
