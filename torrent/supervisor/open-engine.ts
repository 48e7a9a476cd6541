import path from 'node:path'
import { type Blocklist, isBlockedHost } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Config } from '../../config/config.ts'
import type { TorrentEngine } from '../protocol/torrent-engine.ts'
import { SupervisedEngine } from './supervised-engine.ts'
import { TrackerList } from './tracker-list.ts'

/** Nothing larger is looked into, whatever the cache would hold (CACHE_FILL=window plays it). */
export const LARGEST_TORRENT = 2 ** 42

/** The engine as the settings want it. */
export function openEngine({ torrent, cache, outboundAllow }: Config, clock: Clock, log: Log) {
  const options = {
    ...torrent,
    dhtTable: path.join(cache.dir, '.dht.json'),
    allow: outboundAllow,
    maxLength: LARGEST_TORRENT,
  }
  return new SupervisedEngine({ options, clock, log })
}

/** Gives the engine the trackers that TRACKERS names, without those of blocked hosts. */
export function openTrackerList(
  { extraTrackers }: Config,
  parts: {
    readonly engine: Pick<TorrentEngine, 'addTrackers'>
    readonly outbound: Pick<Outbound, 'get'>
    readonly blocklist: Blocklist
  },
  log: Log,
): TrackerList {
  const { engine, outbound, blocklist } = parts
  const changed = (urls: readonly string[]): void =>
    engine.addTrackers(urls.filter((url) => !isBlockedHost(blocklist, url)))
  return new TrackerList({ ...extraTrackers, outbound, log, changed })
}
