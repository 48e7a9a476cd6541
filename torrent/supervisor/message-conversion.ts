import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import type { SerializedPlace } from '../protocol/messages.ts'
import type { FetchedMetadata, Place } from '../protocol/torrent-engine.ts'

/** A place as the engine's process is told of it. */
export function serializePlace(place: Place): SerializedPlace {
  const { folder, fileIdx, layout, have, trusted, fill } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill }
}

/** The engine's gate has seen these bytes already; the limits are the same. */
export function metadataOf(metainfo: Uint8Array, maxLength: number): FetchedMetadata {
  const meta = parseMetainfo(metainfo, { maxLength })
  const files = meta.files.map((file, index) => ({ index, ...file }))
  const { infoHash, name, pieceLength, length } = meta
  return { infoHash, name, pieceLength, length, files, metainfo }
}
