import type { EvictionBudget } from '../../cache/limits/janitor.ts'
import type { TorrentLease } from '../../cluster/torrent-lease.ts'
import { Fault } from '../../common/errors.ts'
import type { DownloadTimes } from '../../torrent/protocol/torrent-engine.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { ByteSource } from '../files/watched-reader.ts'
import type { Job } from '../jobs/shared-job.ts'
import { hasRange, MixedSource } from './mixed-source.ts'
import { aborted, type OpenDownload, openDownload } from './open-download.ts'
import { publish } from './publish-download.ts'
import type { Download, DownloadContext, DownloadDeps } from './run-download.ts'
import { type OpenSlots, openSlotDownload } from './slot-download.ts'

/** What a whole download depends on, beside its file and its job. */
export interface WholeWishes {
  readonly deps: DownloadDeps
  readonly context: DownloadContext
  readonly budget: EvictionBudget
  /** Where several nodes share one index. */
  readonly lease?: TorrentLease | undefined
  bytesRead(): number
}

/**
 * A download that keeps its file. When there is no room for the next step, or others need its room, it
 * goes over to slots: what is on disk stays readable meanwhile, and gives way last
 * (docs/decisions/0022).
 */
export class WholeDownload {
  readonly #wishes: WholeWishes
  readonly #fetchable: FetchableFile
  readonly #job: Job<Download>
  readonly #opened: OpenDownload
  readonly #dropped = Promise.withResolvers<void>()
  #source: ByteSource
  #times: () => DownloadTimes
  /** The pieces on disk are to go as well: others wait for their room. */
  #mustDrop = false
  #mixed: MixedSource | undefined

  static async open(
    wishes: WholeWishes,
    fetchable: FetchableFile,
    job: Job<Download>,
  ): Promise<WholeDownload> {
    const opened = await openDownload(wishes.deps, fetchable, job, wishes)
    return new WholeDownload(wishes, fetchable, job, opened)
  }

  private constructor(
    wishes: WholeWishes,
    fetchable: FetchableFile,
    job: Job<Download>,
    opened: OpenDownload,
  ) {
    const { file, partial } = opened
    this.#wishes = wishes
    this.#fetchable = fetchable
    this.#job = job
    this.#opened = opened
    const { name, layout } = fetchable
    this.#source = {
      has: (range) => hasRange(layout, file.have, range),
      read: (range) => file.reader(range),
    }
    this.#times = () => file.times
    wishes.context.opened({ name, size: layout.size, partial, file })
  }

  get source(): ByteSource {
    return this.#source
  }

  get times(): DownloadTimes {
    return this.#times()
  }

  /** Bytes a second. Who fetches only ahead of readers learns how fast they read. */
  get rate(): number | undefined {
    const { fill } = this.#wishes.deps
    return fill === 'whole' ? this.#opened.rate.bytesPerSecond : undefined
  }

  /** Resolves when the job is to end. @throws what the engine throws, Fault DOES_NOT_FIT */
  async run(): Promise<void> {
    const { deps, context, lease } = this.#wishes
    const { file, partial, room } = this.#opened
    const ended = aborted(this.#job.signal)
    const over = context.sharesRoom({
      bytes: () => (this.#mustDrop || partial.record.complete ? 0 : partial.record.bytes),
      giveUp: () => this.#giveUp(),
    })
    this.#job.defer('share of room', () => {
      over()
      this.#dropped.resolve()
    })
    const outcome = await Promise.race([
      file.finished.then(() => 'complete' as const),
      ended.then(() => 'ended' as const),
      room.denied.then(() => 'denied' as const),
    ])
    if (outcome === 'ended') return
    if (outcome === 'denied') return this.#goOver()
    over()
    const disk = await publish({ ...deps, lease }, this.#fetchable.key, partial, this.#job)
    if (!disk) return ended
    this.#source = disk
    this.#job.setPreemptible()
    // Seeds while somebody watches, until another download needs its permit.
    return ended
  }

  /** Others need the room. Resolves when it is theirs, or the job is over. */
  #giveUp(): Promise<void> {
    this.#mustDrop = true
    if (this.#mixed) void this.#drop(this.#mixed)
    else this.#opened.room.deny()
    return this.#dropped.promise
  }

  async #goOver(): Promise<void> {
    const { deps, context } = this.#wishes
    const { file, reservation, partial, room } = this.#opened
    const { key, name, layout } = this.#fetchable
    const slots = Promise.withResolvers<ByteSource>()
    slots.promise.catch(() => {}) // it may be that nobody reads
    const mixed = new MixedSource(file, layout, slots.promise)
    // Before the end of the file, which ends its readers: they go on from here.
    this.#source = mixed
    await Promise.all([file.close(), room.end()])
    reservation.shrink(partial.record.bytes)
    deps.log.info({ key }, 'goes on through slots')
    if (this.#mustDrop) await this.#drop(mixed)
    this.#mixed = mixed
    try {
      const opened = await this.#openSlots(mixed)
      this.#times = () => opened.file.times
      context.opened({ name, size: layout.size, file: opened.file })
      slots.resolve(opened.source)
      await Promise.race([aborted(this.#job.signal), opened.file.ended])
    } catch (error) {
      slots.reject(error)
      throw error
    }
  }

  /** Beside what is on disk; where there is no room for that, in its place. */
  async #openSlots(mixed: MixedSource): Promise<OpenSlots> {
    const { deps, context, budget } = this.#wishes
    const moreRoom = (): Promise<boolean> => context.moreRoom()
    for (;;) {
      const wishes = { budget, hadPiece: true, moreRoom }
      const opened = await openSlotDownload(deps, this.#fetchable, this.#job, wishes)
      if (opened) return opened
      if (!this.#mustDrop) await this.#drop(mixed)
      else if (!(await moreRoom())) throw new Fault('DOES_NOT_FIT')
    }
  }

  /** Gives up what is on disk. */
  async #drop(mixed: MixedSource): Promise<void> {
    const { partial, reservation } = this.#opened
    this.#mustDrop = true
    await mixed.endKept()
    await partial.close()
    await this.#wishes.deps.store.remove(this.#fetchable.key)
    reservation.shrink(0)
    this.#dropped.resolve()
  }
}
