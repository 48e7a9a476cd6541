import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import type { SerializedPlace } from '../protocol/messages.ts'
import type { FetchedMetadata, Place } from '../protocol/torrent-engine.ts'

/** A place as it is sent to the engine. */
export function serializePlace(place: Place): SerializedPlace {
  const { folder, fileIdx, layout, have, trusted, fill } = place
  return { folder, fileIdx, layout, have: have.bytes, trusted, fill }
}

/** @param metainfo a .torrent file. @throws ValidationError; never for what the engine has checked */
export function metadataOf(metainfo: Uint8Array, maxLength: number): FetchedMetadata {
  const meta = parseMetainfo(metainfo, { maxLength })
  const files = meta.files.map((file, index) => ({ index, ...file }))
  const { infoHash, name, pieceLength, length } = meta
  return { infoHash, name, pieceLength, length, files, metainfo }
}
