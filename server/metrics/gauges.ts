import type { FileOnDisk } from '../../cache/disk/file-store.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import type { PlayStats } from '../../common/play-stats.ts'
import type { PlayerStatus } from '../../player/status.ts'
import type { EngineState } from '../../torrent/protocol/torrent-engine.ts'

/** Name -> help, of everything that is read off the parts at a scrape. */
export const gauges = {
  playlink_plays_active: 'Plays that are being answered now',
  playlink_arrivals_running: 'Downloads from swarms that run now',
  playlink_arrivals_waiting: 'Downloads that wait for their turn',
  playlink_arrivals_bytes_per_second: 'Verified bytes arriving, all downloads together',
  playlink_conversions_running: 'Conversions of sound and pictures for browsers that run now',
  playlink_conversions_waiting:
    'Conversions of sound and pictures for browsers that wait for their turn',
  playlink_segments_made: 'Segments made for browsers since the start',
  playlink_segments_reread: 'Segments since the start that an earlier viewer had made',
  playlink_cache_files: 'Files kept on disk, partial ones included',
  playlink_cache_used_bytes: 'Verified bytes kept on disk, and segments made for browsers',
  playlink_cache_segment_bytes: 'Of these, bytes of segments made for browsers',
  playlink_cache_max_bytes: 'Bytes that may be kept on disk',
  playlink_cache_reserved_bytes: 'Bytes promised to running downloads and not arrived yet',
  playlink_cache_volume_free_bytes: 'Bytes free on the volume of the cache',
  playlink_evicted_ttl_files: 'Files removed since the start because their time was over',
  playlink_evicted_count_files: 'Files removed since the start because there were too many',
  playlink_evicted_disk_files: 'Files removed since the start to make room',
  playlink_engine_up: 'Whether the torrent engine runs: 1 or 0',
  playlink_engine_network_away: 'Whether the address of TORRENT_BIND has gone: 1 or 0',
  playlink_engine_external_port: 'Port at which the gateway lets peers through (PORT_MAP); 0: none',
  playlink_engine_restarts: 'Restarts of the torrent engine since the start',
  playlink_engine_torrents: 'Torrents open in the engine',
  playlink_engine_peers: 'Connected peers of all torrents',
} as const

type GaugeName = keyof typeof gauges
export type GaugeReadings = Partial<Readonly<Record<GaugeName, number>>>

export interface GaugeParts {
  readonly status: Pick<PlayerStatus, 'stats'>
  readonly janitor: Pick<Janitor, 'disk' | 'evictions'>
  readonly store: { records(): Iterable<FileOnDisk> }
  readonly engine: { readonly state: EngineState }
}

/** Reads the gauges off the parts; for createMetrics. */
export function createGauges(parts: GaugeParts): () => Promise<GaugeReadings> {
  return async () => {
    const { stats } = parts.status
    const { evictions } = parts.janitor
    const { state } = parts.engine
    const disk = await parts.janitor.disk()
    let files = 0
    for (const _record of parts.store.records()) files++
    return {
      playlink_plays_active: stats.active,
      playlink_arrivals_running: stats.arrivals.running,
      playlink_arrivals_waiting: stats.arrivals.waiting,
      playlink_arrivals_bytes_per_second: stats.arrivals.bytesPerSecond,
      ...conversionsOf(stats.conversions),
      playlink_cache_files: files,
      playlink_cache_used_bytes: disk.usedBytes,
      playlink_cache_segment_bytes: disk.segmentBytes,
      playlink_cache_max_bytes: disk.maxBytes,
      playlink_cache_reserved_bytes: disk.reservedBytes,
      playlink_cache_volume_free_bytes: disk.freeOnVolumeBytes,
      playlink_evicted_ttl_files: evictions.ttl,
      playlink_evicted_count_files: evictions.count,
      playlink_evicted_disk_files: evictions.disk,
      playlink_engine_up: state.running ? 1 : 0,
      playlink_engine_network_away: state.away ? 1 : 0,
      playlink_engine_external_port: state.externalPort ?? 0,
      playlink_engine_restarts: state.restarts,
      playlink_engine_torrents: state.torrents,
      playlink_engine_peers: state.peers,
    }
  }
}

/** Nothing where films are not made ready for browsers. */
const conversionsOf = (conversions: PlayStats['conversions']): GaugeReadings =>
  conversions === null
    ? {}
    : {
        playlink_conversions_running: conversions.running,
        playlink_conversions_waiting: conversions.waiting,
        playlink_segments_made: conversions.made,
        playlink_segments_reread: conversions.reread,
      }
