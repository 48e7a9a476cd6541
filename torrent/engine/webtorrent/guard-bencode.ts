import bencode from 'bencode'
import type { WtDecode } from './webtorrent-types.ts'

/** More than any real message needs. Metadata, which may have more, is read by common/bittorrent/bencode.ts. */
const MAX_VALUES = 100_000
const [ZERO, NINE] = [0x30, 0x39]

/**
 * webtorrent reads what peers and trackers send with `bencode`. To that a length may be negative, which
 * leads back to bytes that it has read: four bytes kept it busy for ever. And a message may hold any
 * number of values, each of them an object.
 */
export function guardBencode(): void {
  const decode = bencode.decode as WtDecode
  const { buffer, next } = decode
  let values = 0
  bencode.decode = (...args) => {
    values = 0
    return decode(...args)
  }
  decode.next = () => {
    if (++values > MAX_VALUES) throw new Error('too many values')
    return next()
  }
  decode.buffer = () => {
    const first = decode.data?.[decode.position] ?? 0
    if (first < ZERO || first > NINE) throw new Error('not a length')
    return buffer()
  }
}
