import { type InputTrack, MATROSKA, WEBM } from 'mediabunny'
import { type Element, elementAt, unsigned } from '../ebml/ebml.ts'
import type { Readable } from '../film/readable.ts'
import { type Block, blockOf, ID } from './matroska-blocks.ts'

/** The library reads no more for the head of an element. */
const HEAD = 64
const STEP = 256 << 10
/** The head of an element, and what a block says of itself. */
const LOOK = 32
/** A Void (RFC 8794 11.3.2) whose size takes seven bytes. */
const VOID = [0xec, 0x01] as const
const VOID_HEAD = 9
/** How far the time of a block lies from that of its cluster, ticks: 16 bits. */
const FARTHEST = 32_768
/** Packets of sound may really begin a little later than their blocks say; seconds. */
const SLACK = 0.05
/** The index and blocks may round the same time differently; seconds. */
const ROUNDED = 0.001
/** Longer ones are left as they are: nobody makes them. */
const LONGEST = 64 << 20

/** Of a file, what a job needs: one track, and the times of a segment. */
interface Wanted {
  readonly track: number
  readonly isPicture: boolean
  /** Seconds. */
  readonly from: number
  readonly to: number
  readonly ticksPerSecond: number
}

/** Where the data of a cluster begins and ends. */
interface ClusterHead {
  readonly start: number
  readonly end: number
}

/**
 * A Matroska file of which a cluster is read no farther than a job needs it. The library reads each cluster whole, up to
 * five seconds of the film or 5 MB, and a film that still arrives would have to bring all that first: behind the last block that
 * is needed, what is not read is given as a Void, so that all stays in its place.
 */
export class ClusterCuts implements Readable {
  readonly #bytes: Readable
  #wanted: Wanted | undefined
  #cluster: ClusterHead | undefined

  constructor(bytes: Readable) {
    this.#bytes = bytes
  }

  get size(): number {
    return this.#bytes.size
  }

  /** Until then all is read as it is. */
  want(wanted: Wanted): void {
    this.#wanted = wanted
  }

  readonly read = async (start: number, end: number): Promise<Uint8Array> => {
    const [wanted, cluster] = [this.#wanted, this.#cluster]
    const isOfCluster =
      cluster?.end === end && start >= cluster.start && start <= cluster.start + HEAD
    const isUsual = end - start <= LONGEST
    if (wanted && isOfCluster && isUsual) return new Walk(this.#bytes, cluster, wanted).from(start)
    const bytes = await this.#bytes.read(start, end)
    const head = bytes.length <= HEAD ? elementAt(bytes, 0) : undefined
    if (head?.id === ID.cluster) {
      this.#cluster = { start: start + head.start, end: start + head.end }
    }
    return bytes
  }
}

/** Goes through one cluster, block by block, and reads it as far as it goes. */
class Walk {
  readonly #bytes: Readable
  readonly #start: number
  readonly #wanted: Wanted
  readonly #data: Uint8Array
  #have = 0
  #time: number | undefined
  #seen = 0
  /** Time of the key frame behind the segment, seconds. */
  #keyBehind: number | undefined

  constructor(bytes: Readable, { start, end }: ClusterHead, wanted: Wanted) {
    this.#bytes = bytes
    this.#start = start
    this.#wanted = wanted
    this.#data = new Uint8Array(end - start)
  }

  /** The data of the cluster from that place of the file on. */
  async from(at: number): Promise<Uint8Array> {
    const end = await this.#lastNeeded()
    await this.#upTo(end)
    const left = this.#data.length - end
    if (left > 0) {
      // It may hold anything; its size may not.
      this.#data.fill(0, end, end + VOID_HEAD)
      this.#data.set(VOID, end)
      new DataView(this.#data.buffer).setUint32(end + VOID_HEAD - 4, left - VOID_HEAD)
    }
    return this.#data.subarray(at - this.#start)
  }

  /** Behind the last block that is needed; the end of the cluster where all are, or where it is not understood. */
  async #lastNeeded(): Promise<number> {
    const { length } = this.#data
    for (let at = 0; at < length; ) {
      await this.#upTo(at + LOOK)
      const element = elementAt(this.#data, at)
      if (!element || element.end > length) return length
      if (await this.#isLast(element))
        return length - element.end < VOID_HEAD ? length : element.end
      at = element.end
    }
    return length
  }

  async #upTo(end: number): Promise<void> {
    const until = Math.min(end, this.#data.length)
    while (this.#have < until) {
      const next = Math.min(this.#data.length, this.#have + STEP)
      const start = this.#start
      const bytes = await this.#bytes.read(
        start + this.#have,
        start + next,
        start + this.#data.length,
      )
      this.#data.set(bytes, this.#have)
      this.#have = next
    }
  }

  async #isLast(element: Element): Promise<boolean> {
    if (element.id === ID.timestamp) {
      await this.#upTo(element.end)
      this.#time = unsigned(this.#data, element.start, element.end)
    }
    if (element.id === ID.group) await this.#upTo(element.end)
    const block = blockOf(this.#data, element)
    if (!block || this.#time === undefined || block.track !== this.#wanted.track) return false
    return this.#isEnough(this.#time, block)
  }

  #isEnough(clusterTime: number, { time, isKey }: Block): boolean {
    const { isPicture, from, to, ticksPerSecond } = this.#wanted
    const at = (clusterTime + time) / ticksPerSecond
    if (isPicture) {
      // Frames that are shown before a key frame stand behind it, and tell how long the last one is shown.
      if (this.#keyBehind !== undefined) return at > this.#keyBehind
      if (isKey && at >= to - ROUNDED) this.#keyBehind = at
      return false
    }
    this.#seen++
    // Of a cluster long before, asked for is where the track begins.
    const isLongBefore = (clusterTime + FARTHEST) / ticksPerSecond < from - 1
    return isLongBefore ? this.#seen > 1 : at >= to + SLACK
  }
}

/** Tells a file that no more than that is read of it, if it is such a file. */
export async function wantOnly(
  film: Readable,
  track: InputTrack,
  { from, to, isLast }: { readonly from: number; readonly to: number; readonly isLast: boolean },
): Promise<void> {
  if (!(film instanceof ClusterCuts) || isLast) return
  const format = await track.input.getFormat()
  if (format !== MATROSKA && format !== WEBM) return
  const ticksPerSecond = await track.getTimeResolution()
  film.want({ track: track.id, isPicture: track.isVideoTrack(), from, to, ticksPerSecond })
}
