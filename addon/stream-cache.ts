import type { Availability } from '../common/availability.ts'
import type { SubtitleTrack } from '../common/subtitle-track.ts'
import { type Title, titleId } from '../common/title.ts'
import type { NumberedSource } from '../sources/source.ts'
import { type StreamObject, streamObject } from './stream-object.ts'

interface Made {
  readonly of: string
  readonly stream: StreamObject
}

/** Goes with the source: a source list that was read anew has new ones. */
const made = new WeakMap<NumberedSource, Made>()

/**
 * `streamObject`, made once for all who ask within the second that a source list is kept: names are parsed
 * and texts cleaned for every line, and a popular title is asked for thousands of times.
 */
export function cachedStream(
  title: Title,
  source: NumberedSource,
  state: Availability,
  baseUrl: string,
  tracks: readonly SubtitleTrack[],
): StreamObject {
  if (tracks.length > 0) return streamObject(title, source, state, baseUrl, tracks)
  const of = `${titleId(title)} ${baseUrl} ${JSON.stringify(state)}`
  const known = made.get(source)
  if (known?.of === of) return known.stream
  const stream = streamObject(title, source, state, baseUrl)
  made.set(source, { of, stream })
  return stream
}
