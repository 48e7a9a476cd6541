import type { WirePlace } from '../protocol/messages.ts'
import type { Place } from '../protocol/torrent-engine.ts'

/** A place as the engine's process is told of it. */
export function wirePlace(place: Place): WirePlace {
  const { folder, fileIdx, layout, have, trusted, fill } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill }
}
