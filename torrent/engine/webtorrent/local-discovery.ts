import LSD from 'bittorrent-lsd'

const PORT_DIGITS = 5

interface LsdAnnounce {
  /** Digits. */
  readonly port: string
  /** Hex. */
  readonly infoHash: readonly string[]
}

/** The parts of local service discovery (BEP 14) that fail: its reading, and the telling of errors. */
export interface LsdPrototype {
  /** Of the torrent that it announces, hex in lower case. */
  readonly infoHash?: string
  _parseAnnounce(announce: string): LsdAnnounce | null
  emit(event: string, ...args: unknown[]): boolean
}

/**
 * Keeps what comes or fails on the local network from ending anything else. The library throws for an
 * announcement that is cut short, which would end this process; and an error of its socket (the group
 * is not one that OUTBOUND_ALLOW opens, there is no network, the port is taken) would end the torrent. Nor
 * does it look which torrents an announcement is of: one datagram named the same peer a thousand times, for
 * torrents that it does not have, with a port of 60,000 digits that was remembered.
 */
export function containLocalDiscovery(prototype: LsdPrototype = LSD.prototype): void {
  const { _parseAnnounce: parse, emit } = prototype
  prototype._parseAnnounce = function (announce) {
    try {
      const found = parse.call(this, announce)
      const own = found?.infoHash.some((one) => one.toLowerCase() === this.infoHash)
      if (!found || !own || found.port.length > PORT_DIGITS) return null
      return { ...found, infoHash: [this.infoHash ?? ''] }
    } catch {
      return null
    }
  }
  prototype.emit = function (event, ...args) {
    return emit.call(this, event === 'error' ? 'warning' : event, ...args)
  }
}
