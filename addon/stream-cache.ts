import type { Availability } from '../common/availability.ts'
import type { SubtitleTrack } from '../common/subtitles/subtitle-track.ts'
import { type Title, titleId } from '../common/title.ts'
import type { NumberedSource } from '../sources/source.ts'
import { type StreamObject, streamObject } from './stream-object.ts'

interface CachedStream {
  /** What the stream was made from, beside the source. */
  readonly inputs: string
  readonly stream: StreamObject
}

/** By source object: a list that is looked up again has new ones. */
const cache = new WeakMap<NumberedSource, CachedStream>()

/**
 * `streamObject`, made once for as long as the same source list is given again: a popular title is
 * asked for thousands of times, and each source costs the parsing of a name and the cleaning of
 * texts.
 */
export function cachedStream(
  title: Title,
  source: NumberedSource,
  state: Availability,
  baseUrl: string,
  tracks: readonly SubtitleTrack[],
): StreamObject {
  if (tracks.length > 0) return streamObject(title, source, state, baseUrl, tracks)
  const inputs = `${titleId(title)} ${baseUrl} ${JSON.stringify(state)}`
  const cached = cache.get(source)
  if (cached?.inputs === inputs) return cached.stream
  const stream = streamObject(title, source, state, baseUrl)
  cache.set(source, { inputs, stream })
  return stream
}
