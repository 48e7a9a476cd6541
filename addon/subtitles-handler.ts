import type { Availability } from '../common/availability.ts'
import type { SubtitleTrack } from '../common/subtitles/subtitle-track.ts'
import type { Title } from '../common/title.ts'
import type { AnimeIds } from '../sources/anime/anime-ids.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import { fileNameOf } from '../sources/matching/file-name.ts'
import type { NumberedSource } from '../sources/source.ts'
import { shownName } from './facts/shown-file.ts'
import type { HandlerArgs } from './sdk-builder.ts'
import { titleOf } from './stremio-id.ts'
import { type SubtitleObject, subtitleObjects } from './subtitle-tracks.ts'

export interface SubtitleList {
  readonly subtitles: readonly SubtitleObject[]
  /** Seconds. */
  readonly cacheMaxAge: number
}

export interface SubtitlesParts {
  readonly sourceLists: Pick<SourceLists, 'recall'>
  readonly anime?: Pick<AnimeIds, 'titleOf'> | undefined
  readonly player: {
    recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
    state(title: Title, source: NumberedSource): Availability
    /** Waits, at most `ms`, until the file lists of these sources' torrents are known. */
    known(
      title: Title,
      sources: readonly NumberedSource[],
      wait: { readonly ms: number; readonly signal: AbortSignal },
    ): Promise<void>
    subtitles(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  }
}

/** How long to wait for the file list of a torrent whose metadata is being fetched. */
const FILES_TIMEOUT_MS = 6000
/**
 * How long clients may cache the answer; seconds. When it is empty, a torrent may soon tell more.
 */
const FULL_AGE = 600
const EMPTY_AGE = 15

/**
 * The `subtitles` resource: the subtitle files beside the videos of a title. A client says which
 * file it plays (`videoHash`, `filename`); when that is one of our sources, only its subtitles are
 * given.
 */
export function createSubtitlesHandler({ sourceLists, player, anime }: SubtitlesParts) {
  return async ({ type, id, extra, config }: HandlerArgs): Promise<SubtitleList> => {
    const title = await titleOf(type, id, anime)
    if (!title) return { subtitles: [], cacheMaxAge: FULL_AGE }
    const found = await sourceLists.recall(title)
    const sources = (found?.sources ?? []).filter(({ listed, retired }) => listed && !retired)
    await player.recall(title, sources)
    const played = sources.filter((source) => isPlayed(source, title, extra, player))
    // Clients ask when a film begins; the metadata of its torrent may be on its way.
    await player.known(title, played, { ms: FILES_TIMEOUT_MS, signal: config.signal })
    const lists = await Promise.all(
      (played.length > 0 ? played : sources).map(async (source) => {
        const tracks = await player.subtitles(title, source)
        return subtitleObjects(title, source, tracks, config.baseUrl)
      }),
    )
    const subtitles = lists.flat()
    return { subtitles, cacheMaxAge: subtitles.length > 0 ? FULL_AGE : EMPTY_AGE }
  }
}

function isPlayed(
  source: NumberedSource,
  title: Title,
  extra: HandlerArgs['extra'],
  player: SubtitlesParts['player'],
): boolean {
  const state = player.state(title, source)
  const hash = state.kind === 'ready' ? state.videoHash : undefined
  if (extra.videoHash !== undefined && hash === extra.videoHash) return true
  // Lists that clients have kept name it as its provider does.
  const names = [shownName(title, source, state), fileNameOf(title, source)]
  return extra.filename !== undefined && names.includes(extra.filename)
}
