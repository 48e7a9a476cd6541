import type { Title } from '../common/title.ts'
import type { NumberedSource, Source } from '../sources/source.ts'
import type { AutoRequest } from './auto/auto.ts'
import type { DownloadView } from './downloads/download-view.ts'
import type { PlayName, PlayRequest } from './files/play-request.ts'
import type { CacheState, HeadAnswer, Playable } from './files/playable.ts'
import type { PlayProgress } from './play/play-progress.ts'
import type { StoredTitle } from './play/stored-titles.ts'
import type { NextEpisodePredictor } from './prefetch/next-episode-predictor.ts'
import type { SubtitleRequest, SubtitleTrack } from './subtitles/subtitles.ts'
import type { PlayStats } from './trace/play-stats.ts'
import type { ExplainedStart, FirstByte } from './trace/recent-first-bytes.ts'

/** The one place that knows the order of a play's steps (docs/architecture.md). */
export interface Player {
  /** @throws Fault with the statuses of the drawing in docs/architecture.md */
  play(request: PlayRequest): Promise<Playable>
  /** HEAD: from source list, index and downloads; never the engine; at most 1 s. */
  head(request: PlayRequest): Promise<HeadAnswer>
  /** "Auto": tries the best sources until one has its first byte. @throws Fault as play */
  choose(request: AutoRequest): Promise<NumberedSource>
  /** HEAD of "Auto": what choose would begin with; starts nothing. @throws Fault UNKNOWN_TITLE */
  guess(request: AutoRequest): Promise<NumberedSource>
  /** What this server holds of a source; synchronous, for lists. */
  state(title: Title, source: Source): CacheState
  /** Titles that play from this server's disk alone, the last used first. Never rejects. */
  ready(): Promise<readonly StoredTitle[]>
  /** Before a list: what the index remembers of sources that are here. Never rejects. */
  recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
  /** Waits at most `ms` until it is known what these torrents hold; starts nothing. Never rejects. */
  known(
    title: Title,
    sources: readonly NumberedSource[],
    wait: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<void>
  /** Subtitle files beside a source's video, as far as they are known. Never rejects. */
  subtitles(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  /** One of them as WebVTT, fetched as any content. @throws Fault as play, NOT_FOUND */
  subtitle(request: SubtitleRequest): Promise<string>
  /** HEAD of that; starts nothing. */
  hasSubtitle(request: SubtitleRequest): Promise<boolean>
  /** What a client's requests say of what comes next; may start something, with what is spare. */
  readonly prefetch: NextEpisodePredictor
  readonly stats: PlayStats
  /** What arrives now. */
  downloads(): readonly DownloadView[]
  /** Of the last plays, oldest first. */
  firstBytes(): readonly FirstByte[]
  /** The last starts with the steps they took, oldest first. */
  starts(): readonly ExplainedStart[]
  /** How far a play is, for who waits for it; starts nothing. */
  progress(play: PlayName): Promise<PlayProgress>
  close(): Promise<void>
}
