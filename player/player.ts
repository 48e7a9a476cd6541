import type { Magnet } from '../common/bittorrent/magnet.ts'
import type { TorrentVideos } from '../sources/providers/tried/tried-torrents.ts'
import type { Auto } from './auto/auto.ts'
import type { BrowserFilms } from './browser/browser-films.ts'
import type { StoredPieces } from './elsewhere/stored-pieces.ts'
import type { AvailabilityLookup } from './play/availability.ts'
import type { Playback } from './play/playback.ts'
import type { StoredTitles } from './play/stored-titles.ts'
import type { DownloadAhead } from './prefetch/download-ahead.ts'
import type { FetchAhead } from './prefetch/fetch-ahead.ts'
import type { NextEpisodePredictor } from './prefetch/next-episode-predictor.ts'
import type { PlayerStatus } from './status.ts'
import type { Subtitles } from './subtitles/subtitles.ts'

/** The parts that play; each of their users takes those it needs. */
export interface Player {
  readonly playback: Playback
  readonly auto: Auto
  readonly availability: AvailabilityLookup
  readonly storedTitles: Pick<StoredTitles, 'list'>
  readonly subtitles: Subtitles
  /** Undefined: BROWSER=off. */
  readonly browserFilms: BrowserFilms | undefined
  /** For other nodes that copy what is here. */
  readonly storedPieces: StoredPieces
  /** Is told what clients ask for; may start a download, with room and permits that are spare. */
  readonly prefetch: NextEpisodePredictor
  /** For other nodes, which ask the one that will get a play. */
  readonly fetchAhead: Pick<FetchAhead, 'asked'>
  /** For the operator, who says what is to be here before somebody plays it. */
  readonly downloadAhead: DownloadAhead
  /** What is in a torrent, for the operator. @throws Fault as a play of it */
  readonly lookInto: (magnet: Magnet, signal: AbortSignal) => Promise<TorrentVideos>
  readonly status: PlayerStatus
  /** Refuses new plays and ends what runs; resolves when everything is given back. */
  close(): Promise<void>
}
