import { fieldsOf } from '../ebml/ebml.ts'
import { element, number } from '../ebml/ebml-write.ts'
import type { Readable, ReadPart } from '../film/readable.ts'
import { Unplayable } from '../film/unplayable.ts'
import { type Cluster, clusterBefore, clusterRange } from './matroska-clusters.ts'
import { ClusterCuts } from './matroska-cuts.ts'
import { type MatroskaIndex, matroskaIndex } from './matroska-index.ts'

/** Seconds before the time that is asked for. What the nearer place does not have, is looked for from the other. */
const BEFORE = [14, 2]
/** Read for one segment: three times the most that one has. */
const MOST_BYTES = 384 << 20

/**
 * A file in which the time of a job is found: as it is, read no farther than is needed, but a Matroska file without Cues.
 * @throws Unplayable
 */
export async function placedFor(
  bytes: Readable,
  { from, isIndexed }: { readonly from: number; readonly isIndexed: boolean },
): Promise<Readable> {
  if (isIndexed) return new ClusterCuts(bytes)
  const index = await matroskaIndex(bytes.read, bytes.size)
  return index ? cuedAt(bytes, index, from) : bytes
}

/**
 * A Matroska file without Cues with some for just this time, made by looking for clusters around it: what reads it
 * need not know.
 * @param from seconds behind the beginning of the film; infinite: its end
 * @throws Unplayable
 */
export async function cuedAt(
  bytes: Readable,
  index: MatroskaIndex,
  from: number,
): Promise<Readable> {
  const read = bounded(bytes)
  const { clustersAt, scale } = index
  const range =
    clustersAt === undefined ? undefined : await clusterRange(read, clustersAt, bytes.size)
  if (!range) {
    throw new Unplayable(
      'This file has no index, and nothing in it tells where its pictures lie. Open it in another player.',
    )
  }
  const { first, last } = range
  const clusters: Cluster[] = []
  for (const before of BEFORE) {
    const time = Number.isFinite(from)
      ? first.time + (from - before) / scale
      : last.time - before / scale
    clusters.push(await clusterBefore(read, range, time, scale))
  }
  if (!Number.isFinite(from)) clusters.push(last)
  return withCues({ size: bytes.size, read }, index, first.at, clusters)
}

function bounded({ read }: Readable): ReadPart {
  let sum = 0
  return (start, end) => {
    sum += end - start
    if (sum > MOST_BYTES) {
      throw new Unplayable('The key frames of this file lie too far apart for a browser.')
    }
    return read(start, end)
  }
}

/** A new head with what tells of the tracks, and Cues, in front of the clusters of the file. */
function withCues(
  { size, read }: Readable,
  { info, tracks }: MatroskaIndex,
  clustersAt: number,
  clusters: readonly Cluster[],
): Readable {
  const text = (value: string) => Buffer.from(value, 'latin1')
  const head = element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], text('matroska')))
  const parts = [element([0x15, 0x49, 0xa9, 0x66], info), element([0x16, 0x54, 0xae, 0x6b], tracks)]
  const before = parts.reduce((sum, { length }) => sum + length, 0)
  // Positions count from the segment's data, and its Cues are as long wherever they point.
  const length = cuesOf(clusters, firstTrack(tracks), 0).length
  const cues = cuesOf(clusters, firstTrack(tracks), before + length - clustersAt)
  const data = before + length + size - clustersAt
  const segment = Buffer.concat([Buffer.from([0x18, 0x53, 0x80, 0x67, 1, 0]), number(data, 6)])
  const front = Buffer.concat([head, segment, ...parts, cues])
  return {
    size: front.length + size - clustersAt,
    async read(start, end) {
      const own = front.subarray(start, end)
      if (end <= front.length) return new Uint8Array(own)
      const moved = clustersAt - front.length
      const rest = await read(Math.max(start, front.length) + moved, end + moved)
      return own.length === 0 ? rest : new Uint8Array(Buffer.concat([own, rest]))
    },
  }
}

/** Cues of one track serve all that have none. */
function cuesOf(clusters: readonly Cluster[], track: number, moved: number): Buffer {
  const points = clusters.map(({ at, time }) =>
    element(
      [0xbb],
      element([0xb3], number(time, 6)),
      element([0xb7], element([0xf7], number(track, 6)), element([0xf1], number(at + moved, 6))),
    ),
  )
  return element([0x1c, 0x53, 0xbb, 0x6b], ...points)
}

/** The number of the first track. */
function firstTrack(tracks: Uint8Array): number {
  const entry = fieldsOf(tracks).one(0xae)
  return entry ? fieldsOf(tracks, entry.start, entry.end).number(0xd7) : 0
}
