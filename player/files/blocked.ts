import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'

/** @throws Fault SOURCE_GONE when the operator has blocked this torrent */
export function refuseBlocked(blocklist: Blocklist, infoHash: string | undefined): void {
  if (infoHash !== undefined && blocklist.hasInfoHash(infoHash)) throw new Fault('SOURCE_GONE')
}

/**
 * The torrent without blocked trackers, web seeds and nodes. Done again for every play, because the
 * blocklist may have changed since the last one.
 * @throws Fault SOURCE_GONE
 */
export function allowedTorrent(blocklist: Blocklist, metainfo: Metainfo): Metainfo {
  refuseBlocked(blocklist, metainfo.infoHash)
  const may = (url: string): boolean => !isBlockedHost(blocklist, url)
  return {
    ...metainfo,
    trackers: metainfo.trackers.filter(may),
    webSeeds: metainfo.webSeeds.filter(may),
    nodes: metainfo.nodes.filter((node) => may(`udp://${node}`)),
  }
}
