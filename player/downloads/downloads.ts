import type { PartialFile } from '../../cache/disk/file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'
import type { Content } from '../files/content.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Job, Share } from '../jobs/shared-job.ts'
import { createSharedJobs } from '../jobs/shared-jobs.ts'
import type { Turns } from '../jobs/turns.ts'
import { type DownloadView, type InProgress, percentOf, viewOf } from './download-view.ts'
import { fetchEnds, untilOver } from './ends-download.ts'
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
  join(content: Content): Share<Download>
  /**
   * Head and tail for a play that may come, with room and a turn that nobody needs; resolves when they
   * are here or it gave way. Undefined when the content is arriving already.
   */
  foresee(content: Content, signal: AbortSignal): Promise<boolean> | undefined
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
  readonly turns: Turns
  readonly keepMs: number
  /** Told of each content that has become whole and found on disk. */
  readonly published?: (key: FileKey) => void
}

export function createDownloads(deps: DownloadDeps): Downloads {
  const jobs = createSharedJobs<Download>(deps)
  const inProgress = new Map<FileKey, InProgress>()

  return {
    joinRunning: (key) => (jobs.isRunning(key) ? jobs.joinRunning(key) : undefined),
    join(content) {
      // A play goes before every guess. One at this content fetches its ends only: what it has is on
      // disk for the one who comes.
      const gone = jobs.isRunning(content.key) ? [] : jobs.endSpare()
      return jobs.join(content.key, (job) =>
        arrive(deps, content, job, {
          alone: Promise.all(gone),
          makeRoom: () => jobs.endUnwatched(content.key),
          opened(now) {
            inProgress.set(content.key, now)
            job.undo('progress', () => void inProgress.delete(content.key))
          },
        }),
      )
    },
    foresee(content, signal) {
      const job = jobs.spare(content.key, (mine) => fetchEnds(deps, content, mine))
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
async function arrive(
  deps: DownloadDeps,
  content: Content,
  job: Job<Download>,
  house: { alone: Promise<unknown>; makeRoom: MakeRoom; opened(now: InProgress): void },
): Promise<void> {
  const about = { name: content.name, size: content.layout.size }
  const held = await hold(deps, content, job)
  // Published while this job waited for the one before it to end.
  if (held) {
    return job.ready({ ...about, from: 'disk', times: () => undefined, source: () => held })
  }

  await house.alone // room and turns of what was guessed
  await job.takeTurn(deps.turns)
  const kept = await openDownload(deps, content, job, house.makeRoom).catch(unlessTooLarge)
  if (!kept) return throughSlots(deps, content, job, house.opened)
  const { partial, file } = kept
  house.opened({ ...about, partial, file })
  let source: ByteSource = { read: (range) => file.reader(range) }
  job.ready({ ...about, from: 'swarm', times: () => file.times, source: () => source })

  const over = aborted(job.signal)
  const complete = await Promise.race([file.finished.then(() => true), over.then(() => false)])
  if (!complete) return
  const disk = await publish(deps, content, partial, job)
  if (!disk) return over
  source = disk
  job.mayGiveWay()
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
  content: Content,
  job: Job<Download>,
  opened: (now: InProgress) => void,
): Promise<void> {
  const { file, source } = await openSlotDownload(deps, content, job)
  const about = { name: content.name, size: content.layout.size }
  opened({ ...about, file })
  job.ready({ ...about, from: 'swarm', times: () => file.times, source: () => source })
  await Promise.race([aborted(job.signal), file.ended])
}

/** From here on plays find it on disk; who reads already goes on there too. */
async function publish(
  deps: DownloadDeps,
  content: Content,
  partial: PartialFile,
  job: Job<Download>,
): Promise<ByteSource | undefined> {
  try {
    await partial.publish()
    deps.published?.(content.key)
    return await hold(deps, content, job)
  } catch (error) {
    // Its pieces are all there: the next play opens the partial again and publishes.
    deps.log.error({ err: error, key: content.key }, 'could not publish')
    return undefined
  }
}

/** The complete file, held until the last viewer of the job has left. */
async function hold({ store }: DownloadDeps, { key }: Content, job: Job<Download>) {
  const disk = await store.pin(key)
  if (disk) job.undoWhenLeft('disk', () => disk.release())
  return disk
}
