import type { SerializedPlace } from '../protocol/messages.ts'
import type { DownloadPlace } from '../protocol/torrent-engine.ts'

/** A place as it is sent to the engine. */
export function serializePlace(place: DownloadPlace): SerializedPlace {
  const { folder, fileIdx, layout, have, trusted, fill, room } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill, room }
}
