/** Seconds that a segment has at least, but for the last one (RFC 8216 has no minimum; players like some). */
const SHORTEST = 6
/**
 * The first ones: a film that still arrives begins with the first. Each has to come while the one before is shown, so
 * they grow step by step (docs/decisions/0048).
 */
const FIRST = [2, 3, 4.5]

/**
 * Where segments begin: key frames, merged until a segment has six seconds, the first ones less. A function of the
 * file's index alone, so equal on every node.
 * @param keys times of key frames in seconds, rising
 */
export function segmentStarts(keys: readonly number[], duration: number): readonly number[] {
  const [first] = keys
  if (first === undefined) return []
  const starts = [first]
  let last = first
  for (const key of keys) {
    const shortest = FIRST[starts.length - 1] ?? SHORTEST
    if (key - last < shortest || key >= duration) continue
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

/** When a segment begins and ends, seconds; undefined: there is no such segment. */
export function segmentTimes(
  film: { readonly starts: readonly number[]; readonly duration: number },
  n: number,
): { readonly from: number; readonly to: number; readonly isLast: boolean } | undefined {
  const from = film.starts[n]
  if (from === undefined) return undefined
  const next = film.starts[n + 1]
  return { from, to: next ?? Math.max(film.duration, from), isLast: next === undefined }
}
