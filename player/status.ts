import type { Permits } from '../common/permits/permits.ts'
import type { ConversionStats, PlayStats } from '../common/play-stats.ts'
import type { DownloadView } from './downloads/download-view.ts'
import type { Downloads } from './downloads/downloads.ts'
import type { PlayName } from './files/play-request.ts'
import { type PlayProgress, type ProgressParts, progressOf } from './play/play-progress.ts'
import type { PlayCounter } from './trace/play-counter.ts'
import type { ExplainedStart, FirstByte, RecentFirstBytes } from './trace/recent-first-bytes.ts'

/** What can be told of the plays, for pages and metrics. */
export interface PlayerStatus {
  readonly stats: PlayStats
  /** What is being downloaded now. */
  downloads(): readonly DownloadView[]
  /** Of the last plays, oldest first. */
  firstBytes(): readonly FirstByte[]
  /** The last starts with the steps they took, oldest first. */
  starts(): readonly ExplainedStart[]
  /** How far a play is, for a page that waits for it; starts nothing. */
  progress(play: PlayName, asker?: 'viewer' | 'node'): Promise<PlayProgress>
}

export interface StatusParts extends ProgressParts {
  readonly counter: PlayCounter
  readonly firstBytes: RecentFirstBytes
  readonly downloads: Downloads
  readonly downloadPermits: Permits
  readonly metadataPermits: Permits
  /** Undefined: BROWSER=off. */
  readonly browserFilms: { readonly stats: ConversionStats } | undefined
}

export const createStatus = (parts: StatusParts): PlayerStatus => ({
  get stats() {
    return statsOf(parts)
  },
  downloads: () => parts.downloads.views(),
  firstBytes: () => parts.firstBytes.list,
  starts: () => parts.firstBytes.starts,
  progress: (play, asker) => progressOf(parts, play, asker),
})

function statsOf(parts: StatusParts): PlayStats {
  const { counter, downloads, downloadPermits, metadataPermits, browserFilms } = parts
  return {
    ...counter.stats,
    arrivals: {
      running: downloadPermits.running,
      waiting: downloadPermits.waiting + metadataPermits.waiting,
      max: downloadPermits.max,
      bytesPerSecond: downloads.bytesPerSecond,
    },
    conversions: browserFilms?.stats ?? null,
  }
}
