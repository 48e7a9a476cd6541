import LSD from 'bittorrent-lsd'

/** The parts of local service discovery (BEP 14) that fail: its reading, and the telling of errors. */
export interface LsdPrototype {
  _parseAnnounce(announce: string): unknown
  emit(event: string, ...args: unknown[]): boolean
}

/**
 * Keeps what comes or fails on the local network from ending anything else. The library throws for an
 * announcement that is cut short, which would end this process; and an error of its socket (the group
 * is not one that OUTBOUND_ALLOW opens, there is no network, the port is taken) would end the torrent.
 */
export function containLocalDiscovery(prototype: LsdPrototype = LSD.prototype): void {
  const { _parseAnnounce: parse, emit } = prototype
  prototype._parseAnnounce = function (announce) {
    try {
      return parse.call(this, announce)
    } catch {
      return null
    }
  }
  prototype.emit = function (event, ...args) {
    return emit.call(this, event === 'error' ? 'warning' : event, ...args)
  }
}
