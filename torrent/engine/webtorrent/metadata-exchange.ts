import { createHash } from 'node:crypto'
import type { WtWire } from './webtorrent-types.ts'

/** The info dictionary of a torrent, for the connections of webtorrent (BEP 9). */
export interface MetadataExchange {
  readonly infoHash: string
  /** Undefined while it is not known. */
  readonly info: Uint8Array | undefined
  /** A peer sent it; its hash is right. */
  received(info: Uint8Array): void
}

/**
 * webtorrent would decode an info dictionary that a stranger sent, encode it again and act on it. Here
 * its bytes stay as they are: they are compared with the info hash, given to us, and sent on to peers.
 */
export function exchangeMetadata(wire: WtWire, exchange: MetadataExchange): void {
  const extension = wire.ut_metadata
  extension.removeAllListeners('metadata')
  if (exchange.info) giveMetadata(wire, exchange.info)
  extension.setMetadata = async (bytes) => {
    try {
      if (createHash('sha1').update(bytes).digest('hex') !== exchange.infoHash) return false
      extension.cancel()
      exchange.received(bytes)
      return true
    } catch {
      // It is called by peers' messages and its failure is nobody's, which would end the process.
      return false
    }
  }
}

/** From now on the peer may ask for it. */
export function giveMetadata(wire: WtWire, info: Uint8Array): void {
  wire.ut_metadata.cancel()
  Object.assign(wire.ut_metadata, {
    metadata: info,
    _metadataComplete: true,
    _metadataSize: info.length,
  })
  wire.extendedHandshake.metadata_size = info.length
}

/** A .torrent of nothing but this info dictionary (BEP 3). */
export const wrapInfo = (info: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('d4:info'), info, Buffer.from('e')])
