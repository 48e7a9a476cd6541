import { type Element, elementAt, elementsIn, fieldsOf, MOST_HEAD, unsigned } from '../ebml/ebml.ts'
import type { Chapter } from '../film/film.ts'
import type { ReadPart } from '../film/readable.ts'
import { type MatroskaText, textTracksOf } from './matroska-tracks.ts'

// RFC 9559 5.1
const ID = {
  head: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  seek: 0x4dbb,
  seekId: 0x53ab,
  seekPosition: 0x53ac,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cuePositions: 0xb7,
  cueTrack: 0xf7,
  cuePosition: 0xf1,
  tracks: 0x1654ae6b,
  chapters: 0x1043a770,
  edition: 0x45b9,
  chapter: 0xb6,
  chapterStart: 0x91,
  chapterDisplay: 0x80,
  chapterText: 0x85,
  cluster: 0x1f43b675,
} as const

/** A film of eight hours with a cue each half second has 2 MiB of them. */
const MOST_BYTES = 16 << 20
/** Elements looked at before the first cluster. */
const MOST_ELEMENTS = 64
const MOST_CHAPTERS = 500
/** Index and segments may round the same time differently; seconds. */
const SLACK = 0.001
const USUAL_SCALE = 1_000_000

export interface MatroskaIndex {
  /** Seconds, rising; undefined: it has no Cues (RFC 9559 5.1.5). */
  keys(track: number): readonly number[] | undefined
  /** Where in the file the clusters lie that begin at these times, or last before; `times` rise. */
  places(times: readonly number[]): readonly number[]
  readonly chapters: readonly Chapter[]
  readonly texts: readonly MatroskaText[]
  /** Seconds of one tick. */
  readonly scale: number
  /** Its Cues as they are in the file, and what their positions count from. */
  readonly cueBytes: Uint8Array
  readonly segmentAt: number
  /** Where in the file the first cluster lies; undefined: nothing that was looked at is one. */
  readonly clustersAt: number | undefined
  /** Data of the elements of these names, empty where there are none. */
  readonly info: Uint8Array
  readonly tracks: Uint8Array
  /** Whether its Cues point into the file, the first of them to a cluster: reads that one's head. */
  isCued(): Promise<boolean>
  /** Where in the file the clusters lie that begin within a time; `end` is not included. */
  range(from: number, to: number): { readonly start: number; readonly end: number } | undefined
}

type Places = Map<number, { readonly start: number; readonly end: number }>

/** The index of a Matroska or WebM file; undefined for any other. Fetches nothing of the film itself. */
export async function matroskaIndex(
  read: ReadPart,
  size: number,
): Promise<MatroskaIndex | undefined> {
  const part = (start: number, end: number) => read(start, Math.min(end, size))
  const head = await part(0, MOST_HEAD)
  const ebml = elementAt(head, 0)
  if (ebml?.id !== ID.head || ebml.end >= size) return undefined
  const places: Places = new Map()
  const segment = elementAt(await part(ebml.end, ebml.end + MOST_HEAD), 0)
  if (segment?.id !== ID.segment) return undefined
  const segmentAt = ebml.end + segment.start
  const clustersAt = await findParts(part, segmentAt, size, places)
  const bytesOf = async (id: number): Promise<Uint8Array> => {
    const place = places.get(id)
    if (!place || place.end - place.start > MOST_BYTES) return new Uint8Array()
    return part(place.start, place.end)
  }
  const info = await bytesOf(ID.info)
  const scale = scaleOf(info) / 1e9
  const cueBytes = await bytesOf(ID.cues)
  const cues = cuesOf(cueBytes)
  const chapters = chaptersOf(await bytesOf(ID.chapters))
  const tracks = await bytesOf(ID.tracks)
  const clustersEnd = [...places.values()]
    .map(({ start }) => start)
    .filter((start) => start > segmentAt + Math.max(0, ...cues.map(({ position }) => position)))
  return {
    chapters,
    texts: textTracksOf(tracks),
    scale,
    cueBytes,
    segmentAt,
    clustersAt,
    info,
    tracks,
    isCued: () => pointToClusters(part, cues, segmentAt, size),
    range(from, to) {
      const start = cues.findLast((cue) => cue.time * scale <= from + SLACK)?.position
      const next = cues.find((cue) => cue.time * scale >= to - SLACK)?.position
      if (start === undefined) return undefined
      const last = Math.min(size, ...clustersEnd)
      return { start: segmentAt + start, end: next === undefined ? last : segmentAt + next }
    },
    places(times) {
      let n = 0
      return times.map((time) => {
        while ((cues[n + 1]?.time ?? Number.POSITIVE_INFINITY) * scale <= time + SLACK) n++
        return segmentAt + (cues[n]?.position ?? 0)
      })
    },
    keys(track) {
      const own = cues.filter((cue) => cue.tracks.includes(track))
      const times = (own.length > 0 ? own : cues).map((cue) => cue.time * scale)
      const rising = [...new Set(times)].sort((a, b) => a - b)
      return rising.length > 0 ? rising : undefined
    },
  }
}

/**
 * The first is looked at, the others are believed: of a film that still arrives, they are not there yet. Cues that
 * were moved are all wrong, and those of a film that was cut off point behind its end.
 */
async function pointToClusters(
  read: ReadPart,
  cues: readonly Cue[],
  segmentAt: number,
  size: number,
): Promise<boolean> {
  const [first] = cues
  if (!first || cues.some(({ position }) => segmentAt + position >= size)) return false
  return (await elementOf(read, segmentAt + first.position))?.id === ID.cluster
}

/**
 * Walks what lies before the first cluster, then goes where the SeekHead says that the rest is.
 * @returns where the first cluster lies
 */
async function findParts(
  read: ReadPart,
  segmentAt: number,
  size: number,
  places: Places,
): Promise<number | undefined> {
  const promised = new Map<number, number>()
  let at = segmentAt
  let clustersAt: number | undefined
  for (let n = 0; n < MOST_ELEMENTS && at < size; n++) {
    const found = await elementOf(read, at)
    if (found?.id === ID.cluster) clustersAt = at
    if (!found || found.id === ID.cluster) break
    places.set(found.id, found)
    if (found.id === ID.seekHead && found.end - found.start < MOST_BYTES) {
      const bytes = await read(found.start, found.end)
      for (const [id, position] of seeksOf(bytes)) promised.set(id, segmentAt + position)
    }
    at = found.end
  }
  for (const id of [ID.cues, ID.chapters, ID.info]) {
    const place = promised.get(id)
    if (places.has(id) || place === undefined || place >= size) continue
    const found = await elementOf(read, place)
    if (found?.id === id) places.set(id, found)
  }
  return clustersAt
}

async function elementOf(read: ReadPart, at: number): Promise<Element | undefined> {
  const element = elementAt(await read(at, at + MOST_HEAD), 0)
  if (!element) return undefined
  return { id: element.id, start: at + element.start, end: at + element.end }
}

function* seeksOf(bytes: Uint8Array): Generator<readonly [id: number, position: number]> {
  for (const seek of elementsIn(bytes)) {
    if (seek.id !== ID.seek) continue
    const fields = fieldsOf(bytes, seek.start, seek.end)
    yield [fields.number(ID.seekId), fields.number(ID.seekPosition)]
  }
}

const scaleOf = (bytes: Uint8Array): number =>
  fieldsOf(bytes).number(ID.timestampScale) || USUAL_SCALE

interface Cue {
  /** In ticks of the file's scale. */
  readonly time: number
  readonly tracks: readonly number[]
  /** Of its cluster, from the beginning of the segment's data. */
  readonly position: number
}

function cuesOf(bytes: Uint8Array): readonly Cue[] {
  const cues: Cue[] = []
  for (const point of elementsIn(bytes)) {
    if (point.id !== ID.cuePoint) continue
    let time: number | undefined
    let position: number | undefined
    const tracks: number[] = []
    for (const { id, start, end } of elementsIn(bytes, point.start, point.end)) {
      if (id === ID.cueTime) time = unsigned(bytes, start, end)
      if (id !== ID.cuePositions) continue
      for (const field of elementsIn(bytes, start, end)) {
        const value = unsigned(bytes, field.start, field.end)
        if (field.id === ID.cueTrack) tracks.push(value)
        if (field.id === ID.cuePosition) position ??= value
      }
    }
    if (time !== undefined) cues.push({ time, tracks, position: position ?? 0 })
  }
  return cues.sort((a, b) => a.time - b.time)
}

/** Those of the first edition; chapters within chapters are left out. */
function chaptersOf(bytes: Uint8Array): readonly Chapter[] {
  const edition = fieldsOf(bytes).one(ID.edition)
  if (!edition) return []
  const chapters: Chapter[] = []
  for (const atom of elementsIn(bytes, edition.start, edition.end)) {
    if (atom.id !== ID.chapter || chapters.length === MOST_CHAPTERS) continue
    // Nanoseconds, whatever the scale of the file (RFC 9559 5.1.7.1.4.3).
    const at = fieldsOf(bytes, atom.start, atom.end).number(ID.chapterStart) / 1e9
    let title = ''
    for (const field of elementsIn(bytes, atom.start, atom.end)) {
      if (field.id === ID.chapterDisplay && title === '') title = displayOf(bytes, field)
    }
    chapters.push({ at, title })
  }
  return chapters
}

const displayOf = (bytes: Uint8Array, { start, end }: Element): string =>
  fieldsOf(bytes, start, end).text(ID.chapterText)?.slice(0, 200) ?? ''
