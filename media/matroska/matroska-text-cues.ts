import { elementAt, elementsIn, MOST_HEAD, unsigned } from '../ebml/ebml.ts'
import { ID as CLUSTER } from './matroska-blocks.ts'
import { type Cue, cueOfBlock, MOST_BLOCK } from './matroska-text.ts'
import type { MatroskaText } from './matroska-tracks.ts'

// RFC 9559 5.1.5
const ID = {
  cuePoint: 0xbb,
  time: 0xb3,
  positions: 0xb7,
  track: 0xf7,
  cluster: 0xf1,
  relative: 0xf0,
  duration: 0xb2,
} as const

const MOST_CUES = 20_000
/** Read at once of a block: more than most have. */
const USUAL_BLOCK = 1024

/** Where the index says that one subtitle lies. */
export interface TextPlace {
  /** Ticks. */
  readonly time: number
  readonly duration: number | undefined
  /** Of its cluster, from the beginning of the segment's data. */
  readonly cluster: number
  /** Of its block, from the beginning of the cluster's data. */
  readonly relative: number
}

/** Reads what is there; undefined: some of it is not there yet. `end` is not included. */
export type TryRead = (start: number, end: number) => Promise<Uint8Array | undefined>

/** What the index (Cues) says of one track; empty where it names only key frames, as of old programs. */
export function textPlaces(cues: Uint8Array, track: number): readonly TextPlace[] {
  const places: TextPlace[] = []
  for (const point of elementsIn(cues)) {
    if (point.id !== ID.cuePoint || places.length === MOST_CUES) continue
    let time = 0
    for (const field of elementsIn(cues, point.start, point.end)) {
      if (field.id === ID.time) time = unsigned(cues, field.start, field.end)
      if (field.id !== ID.positions) continue
      const at = new Map<number, number>()
      for (const { id, start, end } of elementsIn(cues, field.start, field.end)) {
        if (isAsked(id)) at.set(id, unsigned(cues, start, end))
      }
      const [cluster, relative] = [at.get(ID.cluster), at.get(ID.relative)]
      if (at.get(ID.track) !== track || cluster === undefined || relative === undefined) continue
      places.push({ time, duration: at.get(ID.duration), cluster, relative })
    }
  }
  return places
}

const isAsked = (id: number): boolean =>
  id === ID.track || id === ID.cluster || id === ID.relative || id === ID.duration

/**
 * The subtitles of a whole track, each read where the index says it lies: a few kilobytes of a film. Those whose
 * bytes are not there yet are left out.
 */
export async function indexedText(
  read: TryRead,
  segmentAt: number,
  places: readonly TextPlace[],
  track: MatroskaText,
  scale: number,
): Promise<readonly Cue[]> {
  const cues: Cue[] = []
  let last = { cluster: -1, data: undefined as number | undefined }
  for (const place of places) {
    if (place.cluster !== last.cluster) {
      last = { cluster: place.cluster, data: await dataOf(read, segmentAt + place.cluster) }
    }
    if (last.data === undefined) continue
    const block = await blockAt(read, last.data + place.relative)
    const cue = block && cueOfBlock(block, place.time, place.duration, track, scale)
    if (cue && cue.text !== '') cues.push(cue)
  }
  return cues
}

/** Where the data of a cluster begins. */
async function dataOf(read: TryRead, at: number): Promise<number | undefined> {
  const head = await read(at, at + MOST_HEAD)
  const cluster = head && elementAt(head, 0)
  return cluster?.id === CLUSTER.cluster ? at + cluster.start : undefined
}

/** A SimpleBlock or BlockGroup, whole. */
async function blockAt(read: TryRead, at: number): Promise<Uint8Array | undefined> {
  // Near the end of what is there, less may be there than is usual.
  const bytes = (await read(at, at + USUAL_BLOCK)) ?? (await read(at, at + MOST_HEAD))
  const element = bytes && elementAt(bytes, 0)
  if (!element || (element.id !== CLUSTER.simple && element.id !== CLUSTER.group)) return undefined
  if (element.end <= bytes.length) return bytes.subarray(0, element.end)
  return element.end <= MOST_BLOCK ? read(at, at + element.end) : undefined
}
