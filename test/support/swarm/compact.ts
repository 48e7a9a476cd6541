/** Peers as trackers and the DHT write them: four bytes of address, two of port each (BEP 23). */
export const compactPeers = (peers: readonly string[]): Buffer => Buffer.concat(peers.map(compact))

export function compact(peer: string): Buffer {
  const [ip = '', port = '0'] = peer.split(':')
  return Buffer.from([...ip.split('.').map(Number), Number(port) >> 8, Number(port) & 255])
}
