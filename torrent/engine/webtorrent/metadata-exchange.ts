import { hasInfoHash } from '../../../common/bittorrent/info-hash.ts'
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
      if (!hasInfoHash(bytes, exchange.infoHash)) return false
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
