import type { TorrentSpec } from './torrent-engine.ts'

/** Of both together; each source of a torrent brings some. */
const MAX_TRACKERS = 100
const MAX_WEB_SEEDS = 40
const MAX_PEERS = 40
const MAX_NODES = 40

const union = (a: readonly string[], b: readonly string[], max: number): readonly string[] =>
  [...new Set([...a, ...b])].slice(0, max)

/** What two sources know of one torrent. */
export function mergedSpec(first: TorrentSpec, second: TorrentSpec): TorrentSpec {
  const peers = union(first.peers ?? [], second.peers ?? [], MAX_PEERS)
  const nodes = union(first.nodes ?? [], second.nodes ?? [], MAX_NODES)
  const metainfo = first.metainfo ?? second.metainfo
  return {
    infoHash: first.infoHash,
    trackers: union(first.trackers, second.trackers, MAX_TRACKERS),
    webSeeds: union(first.webSeeds, second.webSeeds, MAX_WEB_SEEDS),
    ...(peers.length > 0 && { peers }),
    ...(nodes.length > 0 && { nodes }),
    ...(metainfo && { metainfo }),
  }
}
