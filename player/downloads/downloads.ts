import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { Share } from '../jobs/job-share.ts'
import type { Job } from '../jobs/shared-job.ts'
import { SharedJobs } from '../jobs/shared-jobs.ts'
import { type DownloadView, type InProgress, percentOf, viewOf } from './download-view.ts'
import { fetchHeadAndTail, untilOver } from './head-tail-download.ts'
import { aborted } from './open-download.ts'
import {
  type Download,
  type DownloadContext,
  type DownloadDeps,
  type RoomSharer,
  runDownload,
} from './run-download.ts'

/** One download per file, however many watch. */
export interface Downloads {
  /** A share in the download of that file, if one runs for somebody. `address`: whose viewer it is. */
  joinRunning(key: FileKey, address: string | undefined): Share<Download> | undefined
  /** Joins the download of that file, or begins it. */
  join(fetchable: FetchableFile, address: string | undefined): Share<Download>
  /**
   * Head and tail of a file that may be played next, with room and a permit that nobody else needs.
   * Resolves with true when they are here, with false when it gave way or failed. Undefined when
   * the file is being downloaded already.
   */
  fetchAhead(fetchable: FetchableFile, signal: AbortSignal): Promise<boolean> | undefined
  /**
   * The same file fetched by other work than a download from a swarm, for nobody who waits. As fetchAhead it ends
   * before a download of its own file, and when a play needs what it has.
   */
  fetchBeside(key: FileKey, work: (job: Job<unknown>) => Promise<void>): Promise<boolean>
  /** 0 to 99 while it is being downloaded. */
  percent(key: FileKey): number | undefined
  /** Begun for somebody and not over, whether or not it has a first byte yet. */
  isRunning(key: FileKey): boolean
  view(key: FileKey): DownloadView | undefined
  /** The downloads that the engine has opened. */
  views(): readonly DownloadView[]
  readonly bytesPerSecond: number
  close(reason: unknown): Promise<void>
}

export const createDownloads = (deps: DownloadDeps & { readonly lingerMs: number }): Downloads =>
  new FileDownloads(deps)

class FileDownloads implements Downloads {
  readonly #deps: DownloadDeps
  readonly #jobs: SharedJobs<Download>
  readonly #inProgress = new Map<FileKey, InProgress>()
  readonly #roomSharers = new Map<FileKey, RoomSharer>()
  /** Resolve when the room of a download that had to give it is free. */
  readonly #roomOnItsWay = new Set<Promise<void>>()

  constructor(deps: DownloadDeps & { readonly lingerMs: number }) {
    this.#deps = deps
    this.#jobs = new SharedJobs(deps)
  }

  joinRunning(key: FileKey, address: string | undefined): Share<Download> | undefined {
    return this.#jobs.isRunning(key) ? this.#jobs.joinRunning(key, address) : undefined
  }

  join(fetchable: FetchableFile, address: string | undefined): Share<Download> {
    const { key } = fetchable
    // A play goes before every speculative download. One of this very file fetches only head and
    // tail, so it ends too: what it has is on disk for the one that begins now.
    const ending = this.#jobs.isRunning(key) ? [] : this.#jobs.endSpeculative()
    const work = (job: Job<Download>) =>
      runDownload(this.#deps, fetchable, job, this.#contextOf(key, job, Promise.all(ending)))
    return this.#jobs.join(key, work, address)
  }

  fetchAhead(fetchable: FetchableFile, signal: AbortSignal): Promise<boolean> | undefined {
    const job = this.#jobs.startSpeculative(fetchable.key, (own) =>
      fetchHeadAndTail(this.#deps, fetchable, own),
    )
    return job && untilOver(job, signal)
  }

  async fetchBeside(key: FileKey, work: (job: Job<unknown>) => Promise<void>): Promise<boolean> {
    const job = this.#jobs.startSpeculative(key, async (own: Job<unknown>) => {
      await work(own)
      own.resolve(undefined)
    })
    return job ? untilOver(job, new AbortController().signal) : false
  }

  percent(key: FileKey): number | undefined {
    const progress = this.#inProgress.get(key)
    return progress && percentOf(progress)
  }

  isRunning(key: FileKey): boolean {
    return this.#jobs.isRunning(key)
  }

  view(key: FileKey): DownloadView | undefined {
    const progress = this.#inProgress.get(key)
    return progress && viewOf(key, progress)
  }

  views(): readonly DownloadView[] {
    return [...this.#inProgress].map(([key, progress]) => viewOf(key, progress))
  }

  get bytesPerSecond(): number {
    let sum = 0
    for (const { file } of this.#inProgress.values()) sum += file.progress.bytesPerSecond
    return sum
  }

  close(reason: unknown): Promise<void> {
    return this.#jobs.close(reason)
  }

  #contextOf(key: FileKey, job: Job<Download>, speculativeOver: Promise<unknown>): DownloadContext {
    return {
      speculativeOver,
      makeRoom: () => [...this.#jobs.endUnwatched(key), ...this.#jobs.endIdle(key)],
      moreRoom: () => this.#moreRoom(key, job.signal),
      sharesRoom: (sharer) => {
        this.#roomSharers.set(key, sharer)
        return () => {
          if (this.#roomSharers.get(key) === sharer) this.#roomSharers.delete(key)
        }
      },
      opened: (progress) => this.#opened(key, progress, job),
    }
  }

  async #moreRoom(key: FileKey, signal: AbortSignal): Promise<boolean> {
    // What is on its way already may do: with many who need room, each would end another download.
    if (this.#roomOnItsWay.size === 0) {
      for (const ending of this.#endForRoom(key)) this.#expectRoom(ending)
    }
    if (this.#roomOnItsWay.size === 0) return false
    // Without the signal, two downloads that make room for each other would wait for ever.
    await Promise.race([Promise.all(this.#roomOnItsWay), aborted(signal)])
    signal.throwIfAborted()
    return true
  }

  /** First whom nobody watches, then whose viewers take nothing, then who has most. */
  #endForRoom(key: FileKey): Promise<void>[] {
    const unwatched = this.#jobs.endUnwatched(key)
    if (unwatched.length > 0) return unwatched
    const idle = this.#jobs.endIdle(key)
    if (idle.length > 0) return idle
    const others = [...this.#roomSharers].filter(([other]) => other !== key)
    const [largest] = others.map(([, sharer]) => sharer).sort((a, b) => b.bytes() - a.bytes())
    return largest && largest.bytes() > 0 ? [largest.giveUp()] : []
  }

  #expectRoom(ending: Promise<void>): void {
    const over = ending.finally(() => this.#roomOnItsWay.delete(over))
    over.catch(() => {}) // its download tells of it
    this.#roomOnItsWay.add(over)
  }

  #opened(key: FileKey, progress: InProgress, job: Job<Download>): void {
    this.#inProgress.set(key, progress)
    job.defer('progress', () => void this.#inProgress.delete(key))
  }
}
