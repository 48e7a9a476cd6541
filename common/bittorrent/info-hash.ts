import { hash } from 'node:crypto'

/** In hex: v2 hashes are longer, and cut to it where trackers, the DHT and handshakes want one (BEP 52). */
export const INFO_HASH_CHARS = 40

/** Whether this info dictionary has the info hash, by SHA-1 (BEP 3) or by the beginning of SHA-256 (BEP 52). */
export const hasInfoHash = (info: Uint8Array, infoHash: string): boolean =>
  hash('sha1', info) === infoHash || hash('sha256', info).slice(0, INFO_HASH_CHARS) === infoHash
