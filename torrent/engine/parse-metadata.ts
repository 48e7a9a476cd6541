import { type Metainfo, parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import { ValidationError } from '../../common/bittorrent/validation-error.ts'

/**
 * Parses the metadata of a torrent that peers sent (BEP 9) or a .torrent file named.
 * @throws ValidationError when it is malformed, past a limit, or of another torrent
 */
export function parseMetadata(bytes: Uint8Array, infoHash: string, maxLength: number): Metainfo {
  const metainfo = parseMetainfo(bytes, { maxLength, infoHash })
  if (metainfo.infoHash === infoHash) return metainfo
  throw new ValidationError('The metadata is of another torrent.')
}
