/** Seconds that a segment has at least, but for the last one (RFC 8216 has no minimum; players like some). */
const SHORTEST = 6

/**
 * Where segments begin: key frames, merged until a segment has six seconds. A function of the file's index
 * alone, so equal on every node.
 * @param keys times of key frames in seconds, rising
 */
export function segmentStarts(keys: readonly number[], duration: number): readonly number[] {
  const [first] = keys
  if (first === undefined) return []
  const starts = [first]
  let last = first
  for (const key of keys) {
    if (key - last < SHORTEST || key >= duration) continue
    starts.push(key)
    last = key
  }
  return starts
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
