import type { Availability } from '../common/availability.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { SubtitleTrack } from '../common/subtitles/subtitle-track.ts'
import type { Title } from '../common/title.ts'
import type { AnimeIds } from '../sources/anime/anime-ids.ts'
import { parseAnimeId } from '../sources/anime/anime-title.ts'
import type { SourceList, SourceLists } from '../sources/lists/source-lists.ts'
import { withoutDuplicates } from '../sources/lists/without-duplicates.ts'
import { inListOrder } from '../sources/matching/ranking.ts'
import type { NumberedSource } from '../sources/source.ts'
import { autoStream } from './auto-stream.ts'
import type { HandlerArgs } from './sdk-builder.ts'
import { cachedStream } from './stream-cache.ts'
import type { StreamObject } from './stream-object.ts'
import { titleOf } from './stremio-id.ts'
import { viewersChoice } from './viewers-choice.ts'

/** The SDK's names for the HTTP cache: seconds. */
export interface StreamList {
  readonly streams: readonly StreamObject[]
  readonly cacheMaxAge: number
  readonly staleRevalidate?: number
  readonly staleError?: number
}

export interface StreamsParts {
  readonly sourceLists: Pick<SourceLists, 'list'>
  /**
   * What is on this server of a source. `state` is called for every listed source, so it must not
   * wait.
   */
  readonly player: {
    state(title: Title, source: NumberedSource): Availability
    /** Called before `state`: takes what the index remembers of these sources. */
    recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
    subtitles(title: Title, source: NumberedSource): Promise<readonly SubtitleTrack[]>
  }
  /** Undefined: only IMDb ids are understood. */
  readonly anime?: Pick<AnimeIds, 'titleOf'> | undefined
  readonly log: Log
}

/** How long clients may cache a list; seconds. */
const EMPTY_AGE = 30
const DOWNLOADING_AGE = 15
const PARTIAL_AGE = 60
const FULL_AGE = 600

/** The `stream` resource: a title's numbered sources in the viewer's order. Starts no download. */
export function createStreamsHandler({ sourceLists, player, anime, log }: StreamsParts) {
  return async ({ type, id, config }: HandlerArgs): Promise<StreamList> => {
    const { baseUrl, signal, address, loopCheck, preferences } = config
    const title = await titleOf(type, id, anime)
    // A newer table may know the anime.
    if (!title) return { streams: [], cacheMaxAge: parseAnimeId(id) ? EMPTY_AGE : FULL_AGE }
    // We asked an addon that asks us: we would only list our own sources again.
    if (loopCheck === 'self') return { streams: [], cacheMaxAge: EMPTY_AGE }
    const listing = sourceLists.list(title, signal, loopCheck === 'addon', address)
    const found = await orNothing(listing, title, log)
    await config.goOn?.()
    const sources = withoutDuplicates(
      found.sources.filter((source) => source.listed && !source.retired),
    )
    await player.recall(title, sources)
    const all = inListOrder(
      sources.map((source) => ({ source, state: player.state(title, source) })),
    )
    const listed = viewersChoice(all, preferences)
    const streams = await Promise.all(
      listed.map(async ({ source, state }) => {
        const tracks = await player.subtitles(title, source)
        return cachedStream(title, source, state, baseUrl, tracks)
      }),
    )
    // Not for another addon, which chooses for its own viewers.
    const choose = loopCheck === 'viewer' && !preferences?.hide.includes('auto')
    const auto = choose ? autoStream(title, listed, baseUrl, preferences) : undefined
    return { streams: auto ? [auto, ...streams] : streams, ...ages(found, all) }
  }
}

/**
 * An empty list when no provider answered: after a status other than 200 clients call the addon
 * broken.
 */
async function orNothing(
  listing: Promise<SourceList>,
  title: Title,
  log: Log,
): Promise<SourceList> {
  try {
    return await listing
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PROVIDERS_FAILED') throw error
    log.warn({ type: title.type }, 'no provider answered; an empty list was sent')
    return { sources: [], failed: ['*'] }
  }
}

function ages(
  found: SourceList,
  listed: readonly { readonly state: Availability }[],
): Omit<StreamList, 'streams'> {
  if (listed.some(({ state }) => state.kind === 'downloading'))
    return { cacheMaxAge: DOWNLOADING_AGE }
  if (listed.length === 0) return { cacheMaxAge: EMPTY_AGE }
  if (found.failed.length > 0) return { cacheMaxAge: PARTIAL_AGE }
  return { cacheMaxAge: FULL_AGE, staleRevalidate: 3600, staleError: 86_400 }
}
