import type { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { SerializedPlace } from '../protocol/messages.ts'
import type { DownloadPlace } from '../protocol/torrent-engine.ts'

/** A place as it is sent to the engine. */
export function serializePlace(place: DownloadPlace): SerializedPlace {
  const { folder, fileIdx, layout, have, trusted, fill, room } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill, room }
}

/**
 * The same for the process after one that died. What that one has written counts without a check: the
 * system holds it, not the process.
 */
export const resumedPlace = (
  place: DownloadPlace,
  now: { readonly have: Bitfield; readonly room: number },
): SerializedPlace => ({
  ...serializePlace(place),
  have: now.have.bytes,
  trusted: true,
  mayHoldMore: true,
  room: now.room,
})
