import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import { Fault } from '../../common/errors.ts'

/** @throws Fault SOURCE_GONE when the operator has blocked this torrent */
export function refuseBlocked(blocklist: Blocklist, infoHash: string | undefined): void {
  if (infoHash !== undefined && blocklist.hasInfoHash(infoHash)) throw new Fault('SOURCE_GONE')
}

/** A torrent and the servers that it names. */
interface Linked {
  readonly infoHash: string
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  readonly nodes?: readonly string[]
}

/**
 * The torrent without blocked trackers, web seeds and nodes. Done again for every play, because the
 * blocklist may have changed since the last one.
 * @throws Fault SOURCE_GONE
 */
export function allowedTorrent<T extends Linked>(blocklist: Blocklist, torrent: T): T {
  const { infoHash, trackers, webSeeds, nodes } = torrent
  refuseBlocked(blocklist, infoHash)
  const may = (url: string): boolean => !isBlockedHost(blocklist, url)
  return {
    ...torrent,
    trackers: trackers.filter(may),
    webSeeds: webSeeds.filter(may),
    ...(nodes && { nodes: nodes.filter((node) => may(`udp://${node}`)) }),
  }
}
