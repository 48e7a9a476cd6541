import { elementAt, unsigned } from '../ebml/ebml.ts'
import type { ReadPart } from '../film/readable.ts'
import { ID } from './matroska-blocks.ts'

// RFC 9559 5.1.3
const CLUSTER = Buffer.from([0x1f, 0x43, 0xb6, 0x75])

/** Bytes in which a cluster tells its time: behind a checksum and its place, in front of its blocks. */
const HEAD = 64
const FIRST_READ = 128 << 10
/** Bytes looked through for one cluster: most programs end one after five seconds or 5 MB. */
const MOST_BYTES = 32 << 20
const MOST_GUESSES = 20
/** Seconds: a cluster is near enough when it begins no earlier than that before the time. */
const NEAR = 6

export interface Cluster {
  /** Of its head, in the file. */
  readonly at: number
  /** Ticks. */
  readonly time: number
}

/** Where clusters are looked for. */
export interface Range {
  readonly first: Cluster
  readonly last: Cluster
}

/** The cluster whose head begins at `at` of some bytes, if it looks like one. */
function clusterAt(bytes: Uint8Array, at: number): number | undefined {
  const head = elementAt(bytes, at)
  if (head?.id !== ID.cluster) return undefined
  let next = head.start
  while (next < Math.min(at + HEAD, bytes.length)) {
    const child = elementAt(bytes, next)
    if (!child || child.id === ID.simple || child.id === ID.group) return undefined
    const length = child.end - child.start
    if (child.id === ID.timestamp) {
      const isWhole = length >= 1 && length <= 8 && child.end <= bytes.length
      return isWhole ? unsigned(bytes, child.start, child.end) : undefined
    }
    next = child.end
  }
  return undefined
}

/** The clusters whose heads lie in some bytes of the file, those that only look so among them. */
function* clustersIn(bytes: Uint8Array, offset: number): Generator<Cluster> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = data.indexOf(CLUSTER); at >= 0; at = data.indexOf(CLUSTER, at + 1)) {
    const time = clusterAt(bytes, at)
    if (time !== undefined) yield { at: offset + at, time }
  }
}

/** The first and the last cluster; undefined: none was found. Reads the head and the tail of the clusters. */
export async function clusterRange(
  read: ReadPart,
  clustersAt: number,
  size: number,
): Promise<Range | undefined> {
  const head = await read(clustersAt, Math.min(size, clustersAt + HEAD))
  const time = clusterAt(head, 0)
  if (time === undefined) return undefined
  const first = { at: clustersAt, time }
  let end = size
  for (let step = FIRST_READ; end > clustersAt && size - end < MOST_BYTES; step *= 2) {
    const start = Math.max(clustersAt, end - step)
    const bytes = await read(start, Math.min(size, end + HEAD))
    const last = [...clustersIn(bytes, start)].findLast((one) => one.time >= time)
    if (last) return { first, last }
    end = start
  }
  return undefined
}

/** The first cluster behind `from` whose time lies within the range. */
async function clusterBehind(
  read: ReadPart,
  from: number,
  { first, last }: Range,
): Promise<Cluster | undefined> {
  let start = from
  const until = Math.min(last.at, from + MOST_BYTES)
  for (let step = FIRST_READ; start < until; step *= 2) {
    const end = Math.min(until, start + step)
    const bytes = await read(start, end + HEAD)
    for (const cluster of clustersIn(bytes, start)) {
      if (cluster.at < end && cluster.time >= first.time && cluster.time <= last.time)
        return cluster
    }
    start = end
  }
  return undefined
}

/**
 * A cluster that begins at a time or a little earlier, found by guessing where it lies. Where the guesses find
 * nothing nearer, it is earlier.
 * @param time ticks
 * @param scale seconds of a tick
 */
export async function clusterBefore(
  read: ReadPart,
  range: Range,
  time: number,
  scale: number,
): Promise<Cluster> {
  let { first, last } = range
  if (last.time <= time) return last
  const near = NEAR / scale
  // Up to here, nothing but `first` begins.
  let end = last.at
  for (let n = 0; n < MOST_GUESSES; n++) {
    if (first.time >= time - near || end - first.at <= FIRST_READ) break
    // Where bits a second are far from even, a part of the guesses halves what is left.
    const ratio =
      n % 3 === 2 ? 0.5 : (time - near / 2 - first.time) / Math.max(1, last.time - first.time)
    const share = Math.min(0.95, Math.max(0.02, ratio))
    const guess = first.at + Math.max(1, Math.floor((end - first.at) * share))
    const found = await clusterBehind(read, guess, { first, last })
    if (found && found.time <= time) first = found
    else {
      if (found) last = found
      end = guess
    }
  }
  return first
}
