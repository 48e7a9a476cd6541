import type { Transport } from '../wire/dial.ts'
import type { WtTorrent } from './webtorrent-types.ts'

/**
 * Makes webtorrent hand every address that it finds to `take`, which answers whether we connect to
 * it. Answers webtorrent's own way to connect, for peers that want encryption.
 */
export function routePeers(
  torrent: WtTorrent,
  take: (address: string) => boolean,
): (address: string, transport: Transport) => void {
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, type, source) => {
    if (typeof peer !== 'string') return addPeer(peer, type, source)
    if (torrent.destroyed) return null
    return take(peer) ? { id: peer } : null
  }
  return (address, transport) => {
    if (!torrent.destroyed) addPeer(address, transport, 'manual')
  }
}
