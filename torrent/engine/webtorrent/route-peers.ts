import type { WtTorrent } from './webtorrent-types.ts'

/**
 * Makes webtorrent hand every address that it finds to `take`, which answers whether we connect to
 * it. Answers webtorrent's own way to connect, for peers that want encryption.
 */
export function routePeers(
  torrent: WtTorrent,
  take: (address: string) => boolean,
): (address: string) => void {
  const addPeer = torrent._addPeer.bind(torrent)
  torrent._addPeer = (peer, type, source) => {
    if (typeof peer !== 'string') return addPeer(peer, type, source)
    if (torrent.destroyed) return null
    return take(peer) ? { id: peer } : null
  }
  return (address) => {
    if (!torrent.destroyed) addPeer(address, 'tcp', 'manual')
  }
}
