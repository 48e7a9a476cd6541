import type { WtTorrent } from './webtorrent-types.ts'

/** What a peer says of its pieces. */
const PIECE_EVENTS = ['bitfield', 'have', 'have-all', 'have-none', 'allowed-fast'] as const

/** Characters of an address with its port: a host name has 253 at most (RFC 1035). */
const MAX_ADDRESS_CHARS = 262

/**
 * Spares a torrent of webtorrent what it does for downloading, which is ours: for every piece that a peer
 * says it has, it went through all pieces of the torrent, more than once. A torrent has up to 500,000.
 */
export function limitWork(torrent: WtTorrent): void {
  // It counts who has each piece, and counts all of them again for each peer and bitfield.
  const nobodyCounts = { destroy: () => {} }
  Object.defineProperty(torrent, '_rarityMap', {
    get: () => nobodyCounts,
    set: (map: { destroy(): void } | null) => map?.destroy(),
  })
  const { _onWireWithMetadata, _addIncomingPeer } = torrent
  torrent._onWireWithMetadata = (wire) => {
    const sources = [
      ...PIECE_EVENTS.map((event) => [wire, event] as const),
      [wire.lt_donthave, 'donthave'] as const,
    ]
    const before = sources.map(([from, event]) => new Set(from.listeners(event)))
    _onWireWithMetadata.call(torrent, wire)
    for (const [n, [from, event]] of sources.entries()) {
      for (const listener of from.listeners(event) as (() => void)[]) {
        if (!before[n]?.has(listener)) from.removeListener(event, listener)
      }
    }
  }
  // What it takes apart it remembers, 100,000 of them, however long a tracker made them.
  const { addPeer } = torrent
  torrent.addPeer = (address, ...rest) =>
    address.length <= MAX_ADDRESS_CHARS && addPeer.call(torrent, address, ...rest)
  // One that hung up during the look-up of its torrent would be remembered for as long as that is open.
  torrent._addIncomingPeer = (peer) => {
    if (!peer.destroyed) _addIncomingPeer.call(torrent, peer)
  }
}
