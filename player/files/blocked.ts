import type { Metainfo } from '../../common/bittorrent/metainfo.ts'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'

/** @throws Fault SOURCE_GONE when the operator blocked these bytes */
export function refuseBlocked(blocklist: Blocklist, infoHash: string | undefined): void {
  if (infoHash !== undefined && blocklist.hasInfoHash(infoHash)) throw new Fault('SOURCE_GONE')
}

/**
 * A torrent as it may be fetched: its own trackers and web seeds are read anew for every play, for
 * the list may have changed since.
 * @throws Fault SOURCE_GONE
 */
export function allowedTorrent(blocklist: Blocklist, metainfo: Metainfo): Metainfo {
  refuseBlocked(blocklist, metainfo.infoHash)
  const may = (url: string): boolean => !isBlockedHost(blocklist, url)
  return {
    ...metainfo,
    trackers: metainfo.trackers.filter(may),
    webSeeds: metainfo.webSeeds.filter(may),
  }
}
