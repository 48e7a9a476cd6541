import type { Title } from '../../common/title.ts'
import { pick } from '../../sources/lists/meant-source.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { withoutDuplicates } from '../../sources/lists/without-duplicates.ts'
import { inListOrder } from '../../sources/matching/ranking.ts'
import { releaseOf } from '../../sources/matching/release.ts'
import type { FindTitleFacts } from '../../sources/matching/titles/title-facts.ts'
import type { NumberedSource } from '../../sources/source.ts'
import type { AvailabilityLookup } from '../play/availability.ts'
import type { FetchAheadParts } from './fetch-ahead.ts'
import type { EpisodePlay } from './next-episode-predictor.ts'

export type Episode = Extract<Title, { type: 'series' }>

/** Where who has seen an episode goes on. */
export interface NextEpisode {
  readonly title: Episode
  readonly source: NumberedSource
}

export interface NextEpisodeParts {
  readonly sourceLists: Pick<SourceLists, 'list' | 'recall'>
  readonly availability: Pick<AvailabilityLookup, 'of' | 'recall'>
  readonly groupOf: FetchAheadParts['groupOf']
  readonly titleFacts: FindTitleFacts
}

/** Who wants to know it. */
export interface EpisodeAsker {
  readonly signal: AbortSignal
  readonly address?: string | undefined
  /** Before each list that providers may be asked for. @throws Fault TOO_MANY_REQUESTS */
  askProviders(): Promise<void>
}

/** The largest number that an address of a play may hold. */
const MOST = 9999

/**
 * The episode after the one that plays, in a source as like the present one as there is: of the same binge
 * group, else the first in the same resolution, else the first. Undefined for a film, after the last
 * episode, and where nobody has a source of the next. Starts no download.
 * @throws Fault PROVIDERS_FAILED, TOO_MANY_REQUESTS
 */
export async function nextEpisode(
  parts: NextEpisodeParts,
  play: EpisodePlay,
  asker: EpisodeAsker,
): Promise<NextEpisode | undefined> {
  if (play.title.type !== 'series') return undefined
  const played = await playedSource(parts, play, asker)
  for (const title of await following(parts.titleFacts, play.title)) {
    const source = likest(parts, play.title, played, title, await listed(parts, title, asker))
    if (source) return { title, source }
  }
  return undefined
}

/**
 * By its number or key, with what its name says, which a play itself is not told. The number may be of
 * a list that was forgotten since the page was opened.
 */
async function playedSource(
  { sourceLists }: NextEpisodeParts,
  { title, number, sourceKey }: EpisodePlay,
  asker: EpisodeAsker,
): Promise<NumberedSource | undefined> {
  const remembered = await sourceLists.recall(title)
  const known = remembered && pick(remembered, number, sourceKey)
  if (known) return known
  await asker.askProviders()
  return pick(await sourceLists.list(title, asker.signal, false, asker.address), number, sourceKey)
}

/** What may come next, likeliest first; several where no metadata tells how long the season is. */
async function following(titleFacts: FindTitleFacts, title: Episode): Promise<readonly Episode[]> {
  const within: Episode = { ...title, episode: title.episode + 1 }
  // Of that one: when it is missing, what is known may be old.
  const facts = await titleFacts(within)
  const last = facts?.days?.get(title.season)?.length ?? 0
  const isKnown = facts?.seasons !== undefined && title.episode <= last
  if (isKnown && title.episode < last) return [within]
  const seasons = isKnown ? facts.seasons.map(({ season }) => season) : [title.season + 1]
  const later = seasons.filter((season) => season > title.season)
  // Nothing follows the specials, which are season 0.
  const opening: Episode[] =
    title.season > 0 && later.length > 0
      ? [{ ...title, season: Math.min(...later), episode: 1 }]
      : []
  const all = isKnown ? opening : [within, ...opening]
  return all.filter(({ season, episode }) => Math.max(season, episode) <= MOST)
}

/** As Stremio's list of it is ordered (addon/streams-handler.ts). */
async function listed(
  { sourceLists, availability }: NextEpisodeParts,
  title: Title,
  { signal, address, askProviders }: EpisodeAsker,
): Promise<readonly NumberedSource[]> {
  await askProviders()
  const found = await sourceLists.list(title, signal, false, address)
  const sources = withoutDuplicates(found.sources.filter((one) => one.listed && !one.retired))
  await availability.recall(title, sources)
  const items = sources.map((source) => ({ source, state: availability.of(title, source) }))
  return inListOrder(items).map(({ source }) => source)
}

function likest(
  { groupOf }: NextEpisodeParts,
  title: Title,
  played: NumberedSource | undefined,
  next: Title,
  sources: readonly NumberedSource[],
): NumberedSource | undefined {
  if (!played) return sources[0]
  const group = groupOf(title, played)
  const { resolution } = releaseOf(played, 'shown')
  return (
    sources.find((one) => groupOf(next, one) === group) ??
    sources.find((one) => resolution && releaseOf(one, 'shown').resolution === resolution) ??
    sources[0]
  )
}
