import path from 'node:path'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import { memoryShares } from '../../common/host/memory-limit.ts'
import type { Log } from '../../common/log.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Config } from '../../config/config.ts'
import { PortMap } from '../port-map/port-map.ts'
import type { TorrentEngine } from '../protocol/torrent-engine.ts'
import { SupervisedEngine } from './supervised-engine.ts'
import { TrackerList } from './tracker-list.ts'

/** Nothing larger is looked into, whatever the cache would hold (CACHE_FILL=window plays it). */
export const LARGEST_TORRENT = 2 ** 42

/** The engine as the settings want it. */
export function openEngine({ torrent, cache, outboundAllow }: Config, clock: Clock, log: Log) {
  const memory = memoryShares()
  const options = {
    ...torrent,
    dhtTable: path.join(cache.dir, '.dht.json'),
    allow: outboundAllow,
    maxLength: LARGEST_TORRENT,
    largePieceBytes: memory.largePieces,
  }
  return new SupervisedEngine({ options, clock, log, limits: { maxRss: memory.engine } })
}

/**
 * What helps the engine to find peers and to be found: the trackers that TRACKERS names, without those of
 * blocked hosts, and the gateway, where PORT_MAP says so.
 */
export function openReach(
  { extraTrackers, torrent }: Config,
  parts: {
    readonly engine: Pick<TorrentEngine, 'addTrackers' | 'state' | 'setExternalPort'>
    readonly outbound: Pick<Outbound, 'get'>
    readonly blocklist: Blocklist
    readonly clock: Clock
  },
  log: Log,
): { close(): Promise<void> } {
  const { engine, outbound, blocklist, clock } = parts
  const changed = (urls: readonly string[]): void =>
    engine.addTrackers(urls.filter((url) => !isBlockedHost(blocklist, url)))
  const trackers = new TrackerList({ ...extraTrackers, outbound, log, changed })
  const { portMap: gateway, bind } = torrent
  const map =
    gateway === undefined
      ? undefined
      : new PortMap({
          ...{ gateway, bind, clock, log },
          port: () => engine.state.port,
          mapped: (port) => engine.setExternalPort(port),
        })
  return {
    close: async () => void (await Promise.all([trackers.close(), map?.close()])),
  }
}
