import type { Log } from '../../common/log.ts'
import { roomOfSegment, type SegmentFiles } from '../disk/segment-files.ts'
import type { Usage } from './eviction-plan.ts'

/** Segments that were made for browsers, within the limits of the files and before any of them to go. */
export interface Segments {
  /** Bytes as they were kept; undefined when there are none. Never rejects. */
  read(name: string): Promise<Uint8Array | undefined>
  /**
   * Keeps them where there is room that no file has and none was promised. Never rejects.
   * @param name letters, digits, `-` and `_`, at most 64
   */
  keep(name: string, bytes: Uint8Array): Promise<void>
  /** Waits for what is being written; keeps nothing from then on. */
  close(): Promise<void>
}

/** What the janitor knows of all the rest, at one moment. */
export interface RoomBeside {
  readonly usage: Pick<Usage, 'used' | 'reserved' | 'promised'>
  /** Bytes that may be written on the volume. */
  readonly onVolume: number
}

export interface SegmentRoomOptions {
  readonly files: SegmentFiles
  readonly maxBytes: number
  /** Runs a task of the janitor alone. */
  readonly exclusive: <T>(task: () => Promise<T>) => Promise<T>
  readonly beside: () => Promise<RoomBeside>
  readonly log: Log
}

/** One segment must not push out all others. */
const MOST_SHARE = 8

export class SegmentRoom implements Segments {
  readonly #options: SegmentRoomOptions
  readonly #writing = new Set<Promise<void>>()
  #isClosed = false

  constructor(options: SegmentRoomOptions) {
    this.#options = options
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    return this.#isClosed ? undefined : this.#options.files.read(name)
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return
    const writing = this.#keep(name, bytes).catch((err: unknown) => {
      this.#options.log.debug({ err }, 'a segment could not be kept')
    })
    this.#writing.add(writing)
    await writing
    this.#writing.delete(writing)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#writing)
  }

  /** Bytes of segments that have to go for files, at this moment. */
  inTheWay({ usage: { used, reserved }, onVolume }: RoomBeside): number {
    const { files, maxBytes } = this.#options
    const lacking = Math.max(used + reserved + files.used - maxBytes, reserved - onVolume)
    return Math.min(Math.max(0, lacking), files.removable)
  }

  /** Written where the decision was made: it counts from that moment on, its bytes come later. */
  async #keep(name: string, bytes: Uint8Array): Promise<void> {
    const { files, maxBytes, exclusive, beside } = this.#options
    const room = roomOfSegment(bytes.length)
    if (room === 0 || room > maxBytes / MOST_SHARE) return
    const { written } = await exclusive(async () => {
      if (files.has(name)) return { written: undefined }
      const { usage, onVolume } = await beside()
      const { used, promised } = usage
      const lacking = Math.max(
        used + promised + files.used + room - maxBytes,
        promised + room - onVolume,
      )
      // Least recently used ones, or none: what was promised to a film stays free for it.
      const wanted = files.isFull ? Math.max(lacking, 1) : lacking
      if (wanted > files.removable) return { written: undefined }
      if (wanted > 0 && (await files.free(wanted)) < wanted) return { written: undefined }
      // In an object: the lock is not held until it is written.
      return { written: files.write(name, bytes) }
    })
    await written
  }
}
