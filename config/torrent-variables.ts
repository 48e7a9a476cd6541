import { dhtNodes, localPlace, portMap, socksProxy, trackerUrls } from './network-values.ts'
import { decimal, onOff, wholeNumber } from './plain-values.ts'
import { optional, withDefault } from './variable.ts'

/** How the engine finds peers and reaches them, and what it gives them. */
export const torrentVariables = {
  TORRENT_PORT: withDefault(
    '0',
    wholeNumber(0, 65_535),
    'port for peers, TCP and UDP; `0` takes any free one',
  ),
  TORRENT_BIND: optional(
    'none',
    localPlace,
    "address of this machine, or name of an interface, that everything of the torrent engine leaves by, such as a VPN's `tun0`: without it the server does not start, and when it goes downloads wait until it is back; docs/vpn.md",
  ),
  TORRENT_PROXY: optional(
    'none',
    socksProxy,
    'SOCKS5 proxy that everything of the torrent engine goes through, `socks5://user:password@host:port`, names unresolved: nothing goes past it, also while it is down; docs/vpn.md',
  ),
  PORT_MAP: withDefault(
    'off',
    portMap,
    "`on` asks the gateway to let peers through to `TORRENT_PORT` (NAT-PMP or UPnP), renews that and takes it back at the stop; an address asks that gateway, such as a VPN's. `/metrics` has the port it gave",
  ),
  DHT: withDefault(
    'on',
    onOff,
    'find peers by the distributed hash table; `off` in closed networks',
  ),
  DHT_BOOTSTRAP: optional(
    'the usual ones',
    dhtNodes,
    'nodes that the DHT begins with, `host:port` or `[ip]:port` separated by spaces; those that answered are kept in `CACHE_DIR` across restarts',
  ),
  TRACKERS: optional(
    'none',
    trackerUrls,
    'trackers that every public torrent asks beside its own, separated by spaces; an http address without `announce` in its path is that of a list of trackers, read once a day',
  ),
  PEX: withDefault('on', onOff, 'learn of peers from peers'),
  LSD: withDefault(
    'off',
    onOff,
    'find peers on the local network, where `OUTBOUND_ALLOW` opens it',
  ),
  UPLOAD_LIMIT_KB: withDefault(
    '256',
    wholeNumber(0, 10_000_000, 'KB/s'),
    'KB/s (10^3 bytes) given back to swarms at most',
  ),
  SEED_RATIO: withDefault(
    '0',
    decimal(0, 1000),
    'a complete file is offered to its swarm until so many times its size was uploaded, counted across restarts; until then its time is not over, though its room goes to who needs it. `0`: only while it is watched',
  ),
  SEED_TIME: withDefault(
    '0',
    wholeNumber(0, 315_360_000, 'seconds'),
    'the same by seconds of being offered; with both set, until the first is reached',
  ),
} as const
