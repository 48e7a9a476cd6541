/**
 * Seconds that a segment has at least, but for the last one (RFC 8216 has no minimum). A jump to what has not arrived
 * waits for a whole one; each starts an ffmpeg where its sound is converted (docs/decisions/0048).
 */
const SHORTEST = 3
/** The first one: a film that still arrives begins with it. */
const SHORTEST_FIRST = 2
/** A shorter rest is of the segment before: some players take an empty segment of sound for a fault. */
const SHORTEST_LAST = 0.5

/**
 * Where segments begin: key frames, merged until a segment is long enough. A function of the file's index alone,
 * so equal on every node.
 * @param keys times of key frames in seconds, rising
 */
export function segmentStarts(keys: readonly number[], duration: number): readonly number[] {
  const [first] = keys
  if (first === undefined) return []
  const starts = [first]
  let last = first
  for (const key of keys) {
    const shortest = starts.length === 1 ? SHORTEST_FIRST : SHORTEST
    if (key - last < shortest || key > duration - SHORTEST_LAST) continue
    starts.push(key)
    last = key
  }
  return starts
}

/** Seconds from one to the next where nobody tells where key frames are: most lie closer together. */
const STEP = 8

/** Where segments begin in a file without an index: a grid, whose last step is not the shortest. */
export function gridStarts(duration: number): readonly number[] {
  const count = Math.max(1, Math.round(duration / STEP))
  return Array.from({ length: count }, (_, n) => n * STEP)
}

/** When a segment begins and ends, seconds. */
interface SegmentTimes {
  readonly from: number
  readonly to: number
  readonly isLast: boolean
}

interface Cuts {
  readonly starts: readonly number[]
  readonly duration: number
}

/** Of the picture, and of subtitles; undefined: there is no such segment. */
export function segmentTimes(film: Cuts, n: number): SegmentTimes | undefined {
  const from = film.starts[n]
  if (from === undefined) return undefined
  const next = film.starts[n + 1]
  return { from, to: next ?? Math.max(film.duration, from), isLast: next === undefined }
}

/**
 * Seconds that a segment of sound begins behind its picture. What it is made of begins a little earlier (ffmpeg/audio-plan.ts),
 * and would lie in the cluster before, of which up to five seconds had to come first when somebody jumps there.
 */
const SOUND_LATER = 0.5

/** Of the sound; undefined: there is no such segment. */
export function soundTimes(film: Cuts, n: number): SegmentTimes | undefined {
  const times = segmentTimes(film, n)
  const next = segmentTimes(film, n + 1)
  if (!times) return undefined
  // The first one begins where the film does.
  const from = n === 0 ? times.from : soundStart(times)
  return { ...times, from, to: next ? soundStart(next) : times.to }
}

/** The last one may be short, and its sound end before its picture. */
const soundStart = ({ from, isLast }: SegmentTimes): number => (isLast ? from : from + SOUND_LATER)
