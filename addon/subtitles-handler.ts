import type { Availability } from '../common/availability.ts'
import type { SubtitleTrack } from '../common/subtitle-track.ts'
import type { Title } from '../common/title.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { NumberedSource } from '../sources/source.ts'
import { fileNameOf } from './file-name.ts'
import type { HandlerArgs } from './sdk-builder.ts'
import { titleOfStremioId } from './stremio-id.ts'
import { type SubtitleObject, subtitleObjects } from './subtitle-tracks.ts'

export interface SubtitleList {
  readonly subtitles: readonly SubtitleObject[]
  /** Seconds. */
  readonly cacheMaxAge: number
}

export interface SubtitlesParts {
  readonly sourceLists: Pick<SourceLists, 'recall'>
  readonly player: {
    recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
    state(title: Title, source: NumberedSource): Availability
    /** Waits until it is known what the torrents of these hold. */
    known(
      title: Title,
      sources: readonly NumberedSource[],
      wait: { readonly ms: number; readonly signal: AbortSignal },
    ): Promise<void>
    subtitles(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  }
}

const FULL_AGE = 600
const PATIENCE_MS = 6000
/** A torrent that is being asked for may say more in a moment. */
const EMPTY_AGE = 15

/**
 * The `subtitles` resource: what lies beside the videos of a title. A client says which file it plays
 * (`videoHash`, `filename`); when one of our sources is that, only its subtitles fit.
 */
export function createSubtitlesHandler({ sourceLists, player }: SubtitlesParts) {
  return async ({ type, id, extra, config }: HandlerArgs): Promise<SubtitleList> => {
    const title = titleOfStremioId(type, id)
    if (!title) return { subtitles: [], cacheMaxAge: FULL_AGE }
    const found = await sourceLists.recall(title)
    const sources = (found?.sources ?? []).filter(({ listed, retired }) => listed && !retired)
    await player.recall(title, sources)
    const played = sources.filter((source) => isPlayed(source, title, extra, player))
    // Asked when a film begins: what is in its torrent may be told in a moment.
    await player.known(title, played, { ms: PATIENCE_MS, signal: config.signal })
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
  return extra.filename !== undefined && fileNameOf(title, source) === extra.filename
}
