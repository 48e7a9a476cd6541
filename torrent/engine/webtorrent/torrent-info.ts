import { asDict, asNumber, decodeBencode } from '../../../common/bittorrent/bencode.ts'
import { type Metainfo, parseMetainfo } from '../../../common/bittorrent/metainfo.ts'

/** A .torrent of nothing but this info dictionary (BEP 3). */
export const wrapInfo = (info: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])

/** Of metainfo that was accepted before. @throws ValidationError when it was not */
export const infoOf = (metainfo: Uint8Array): Metainfo =>
  parseMetainfo(metainfo, { maxLength: Number.MAX_SAFE_INTEGER })

/** BEP 27: the peers of a private torrent come from its trackers only. */
export const isPrivate = (info: Uint8Array): boolean =>
  asNumber(asDict(decodeBencode(info).value)?.get('private')) === 1
