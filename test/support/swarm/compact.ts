import ipaddr from 'ipaddr.js'

/** Peers as trackers and the DHT write them: four bytes of address, two of port each (BEP 23). */
export const compactPeers = (peers: readonly string[]): Buffer => Buffer.concat(peers.map(compact))

export function compact(peer: string): Buffer {
  const [ip = '', port = '0'] = peer.split(':')
  return Buffer.from([...ip.split('.').map(Number), Number(port) >> 8, Number(port) & 255])
}

/** The same of IPv6: sixteen bytes of address (BEP 7, 32). @param peer `[ip]:port` */
export function compactIpv6(peer: string): Buffer {
  const [, ip = '::', port = '0'] = /^\[(.*)\]:(\d+)$/.exec(peer) ?? []
  return Buffer.from([...ipaddr.parse(ip).toByteArray(), Number(port) >> 8, Number(port) & 255])
}
