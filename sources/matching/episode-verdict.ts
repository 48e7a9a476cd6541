import type { Title } from '../../common/title.ts'
import type { Pair } from '../names/name-marks.ts'
import { hasNumber, isOne, type Spans } from '../names/read-tokens.ts'
import { isOfAnotherCountry } from './film-verdict.ts'
import type { FoundBy } from './match.ts'
import type { SaidOfTitle, Span } from './said-of-title.ts'
import type { SeasonFacts, TitleFacts } from './titles/title-facts.ts'
import { OTHER_TITLE, right, unsure, type Verdict, wrong } from './verdict.ts'

export type Episode = Extract<Title, { type: 'series' }>

/** Of a name that is the series', or that an id stands for: its year, its country, then its episode. */
export function episodeVerdict(
  said: SaidOfTitle,
  wanted: Episode,
  facts: TitleFacts | undefined,
  by: FoundBy,
): Verdict {
  const hasMarks = said.pairs.length + said.seasons.length > 0
  const version = by === 'name' ? said.version : undefined
  const hasMoreWords = said.hasMoreWords && version === undefined
  // `Overlord III S03E04` says its season twice; `Formula 1` is a title.
  const isNumber = ({ season }: Pair): boolean => season > 1 && String(season) === said.number
  const hasPairs = said.number !== undefined && said.pairs.length > 0
  const isSequel = hasPairs && !(said.isNumberLast && said.pairs.every(isNumber))
  if (hasMoreWords || isSequel) return wrong(OTHER_TITLE)
  if (said.isParody) return wrong('a parody')
  if (isOfAnotherCountry(said, facts)) return wrong('other country')
  const [named] = said.countries
  if (named !== undefined && by === 'name' && (facts?.countries ?? []).length === 0) {
    return unsure('its country is not known')
  }
  const year = yearVerdict(said.years, wanted, facts)
  if (year && (year.kind === 'wrong' || by === 'name')) return year
  if (by === 'name' && isOutside(said, facts)) return unsure('a year outside of its span')
  if (said.isAside && !hasMarks) return wrong('a special')
  const verdict = markVerdict(said, wanted, facts)
  const isOwn = version === undefined || facts?.countries?.includes(version)
  return isOwn || verdict.kind !== 'right' ? verdict : unsure('perhaps another country’s version')
}

/** Undefined when the years of a name say nothing against it. */
export function yearVerdict(
  years: readonly Span[],
  { season }: Episode,
  facts: TitleFacts | undefined,
): Verdict | undefined {
  const first = facts?.year
  const [said] = years
  if (first === undefined || !said || said.from === first) return undefined
  // A span is of the whole series; some begin it with the pilot.
  if (said.to !== said.from && Math.abs(said.from - first) <= 1) return undefined
  if (said.from < first || said.from > (facts?.endYear ?? Number.POSITIVE_INFINITY)) {
    return wrong('other year')
  }
  const shown = facts?.seasons?.find((one) => one.season === season)?.years ?? []
  if (shown.includes(said.from)) return undefined
  return shown.length > 0 ? wrong('other year') : unsure('another year of the series', true)
}

/** `Name.S01E03.2019` of a series that ended in 2002, or began later; seasons are sold in the year behind. */
function isOutside(said: SaidOfTitle, facts: TitleFacts | undefined): boolean {
  const { yearBehind: year, isReissue, pairs } = said
  const last = isReissue || pairs.length === 0 ? undefined : facts?.endYear
  return (
    year !== undefined &&
    (year < (facts?.year ?? 0) - 1 || year > (last ?? Number.POSITIVE_INFINITY) + 1)
  )
}

/** Its season and episode alone. */
export function markVerdict(
  asSaid: SaidOfTitle,
  wanted: Episode,
  facts: TitleFacts | undefined,
): Verdict {
  const said = wanted.season < FIRST_YEAR ? withoutYearSeasons(asSaid, facts) : asSaid
  if (!said) return unsure('a season by its year')
  const isBeside = said.isExtra && said.pairs.length === 0 && wanted.season > 0
  if (isBeside) return wrong('beside the episodes')
  if (said.pairs.length > 0) return pairVerdict(said, wanted, facts?.seasons)
  if (said.countedAnew) return anewVerdict(said, wanted)
  if (said.seasons.length > 0) return seasonVerdict(said, wanted)
  const sequel = Number(/^[2-9]/.exec(said.number ?? '')?.[0] ?? Number.NaN)
  if (said.number !== undefined && said.episodes.length > 0) {
    if (said.number.length > 1 && !/^\d[nrt]/.test(said.number)) return wrong(OTHER_TITLE)
    if (sequel !== wanted.season) return wrong('other season')
    return inEpisodes(said.episodes, wanted.episode, 'season and episode')
  }
  if (said.dates.length > 0) return dateVerdict(said.dates, wanted, facts)
  if (said.episodes.length > 0) return countedVerdict(said.episodes, wanted, facts?.seasons)
  if (said.number !== undefined) return numberVerdict(said, wanted, facts?.seasons)
  if (said.parts.length > 0) return partVerdict(said.parts, wanted, facts?.seasons)
  if (said.complete === 'all') return right('the whole series', true)
  const isSingle = regular(facts?.seasons).length === 1 && wanted.season === 1
  if (said.complete !== undefined && isSingle) return right('the whole series', true)
  return unsure('no season')
}

/** From here on a season is called by its year, which need not be its number elsewhere. */
export const FIRST_YEAR = 1900

/** `S2004E08` is of the season of that year; undefined when nobody knows which that is. */
function withoutYearSeasons(
  said: SaidOfTitle,
  facts: TitleFacts | undefined,
): SaidOfTitle | undefined {
  const named = [...said.pairs.map(({ season }) => season), ...said.seasons.flat()]
  const meant = new Map(named.map((season) => [season, seasonOfYear(season, facts)]))
  if ([...meant.values()].includes(undefined)) return undefined
  const by = (season: number): number => meant.get(season) ?? season
  return {
    ...said,
    pairs: said.pairs.map((pair) => ({ ...pair, season: by(pair.season) })),
    seasons: said.seasons.map(([from, to]) => [by(from), by(to)] as const),
  }
}

/** A season that began in another year, or a year with two of them, cannot be told by it. */
function seasonOfYear(season: number, facts: TitleFacts | undefined): number | undefined {
  if (season < FIRST_YEAR) return season
  const all = regular(facts?.seasons)
  if (all.length === 1 && season === facts?.year) return all[0]?.season
  const shown = all.filter(({ years }) => years.includes(season))
  return shown.length === 1 && shown[0]?.years.length === 1 ? shown[0].season : undefined
}

function pairVerdict(
  said: SaidOfTitle,
  wanted: Episode,
  seasons: readonly SeasonFacts[] | undefined,
): Verdict {
  const { pairs } = said
  // A telenovela has some hundred episodes from its first season on.
  const counted = pairs[0]?.counted
  if (seasons !== undefined && counted !== undefined && said.seasons.length === 0) {
    if ((regular(seasons)[0]?.episodes ?? 0) >= counted)
      return countedVerdict([[counted, counted]], wanted, seasons)
  }
  const inSeason = pairs.filter((pair) => pair.season === wanted.season)
  if (inSeason.length === 0) return wrong('other season')
  const found =
    inSeason.find(({ episodes }) => hasNumber(episodes, wanted.episode)) ??
    inSeason.find(({ episodes }) => isCountedOn(episodes, wanted, seasons))
  if (!found) return wrong('other episode')
  return right('season and episode', pairs.length > 1 || !isOne(found.episodes))
}

/** `S04.Part.2.E08` is the eighth of the season, or of the part. */
function anewVerdict({ seasons, episodes, countedAnew }: SaidOfTitle, wanted: Episode): Verdict {
  const isPerhaps =
    countedAnew === 'perhaps' &&
    hasNumber(seasons, wanted.season) &&
    hasNumber(episodes, wanted.episode)
  return unsure('counted from a later part on', isPerhaps)
}

/** `Season 2 Episode 5`; of several seasons a range of episodes counts through all of them. */
function seasonVerdict({ seasons, episodes }: SaidOfTitle, wanted: Episode): Verdict {
  if (!hasNumber(seasons, wanted.season)) return wrong('other season')
  if (episodes.length === 0 || !isOne(seasons)) return right('its season', true)
  return inEpisodes(episodes, wanted.episode, 'season and episode')
}

const inEpisodes = (episodes: Spans, episode: number, reason: string): Verdict =>
  hasNumber(episodes, episode) ? right(reason, !isOne(episodes)) : wrong('other episode')

/** Dailies are named by the day on which they are shown. */
function dateVerdict(dates: readonly string[], wanted: Episode, facts: TitleFacts | undefined) {
  const day = facts?.days?.get(wanted.season)?.[wanted.episode - 1]
  if (!day) return unsure('its day is not known')
  return dates.includes(day) ? right('its day') : wrong('other day')
}

/** `Show - 28`: of the first season, or counted on over all; never of another season by guess. */
function countedVerdict(
  episodes: Spans,
  { season, episode }: Episode,
  seasons: readonly SeasonFacts[] | undefined,
): Verdict {
  if (season === 0) return unsure('no season')
  if (season === 1) return inEpisodes(episodes, episode, 'episode of the first season')
  const counted = countedOn(season, episode, seasons)
  if (counted === undefined) return unsure('the number of episodes before is not known')
  return inEpisodes(episodes, counted, `episode ${counted} of all`)
}

const regular = (seasons: readonly SeasonFacts[] | undefined): readonly SeasonFacts[] =>
  (seasons ?? []).filter(({ season, episodes }) => season > 0 && episodes > 0)

/** The number of an episode over all seasons; undefined unless all seasons before are known. */
function countedOn(
  season: number,
  episode: number,
  seasons: readonly SeasonFacts[] | undefined,
): number | undefined {
  const before = regular(seasons).filter((one) => one.season < season)
  if (before.length !== season - 1) return undefined
  return before.reduce((sum, { episodes }) => sum + episodes, 0) + episode
}

/** `S2 - 30` of a second season of twelve: a number that it does not reach counts through all of them. */
function isCountedOn(
  episodes: Spans,
  { season, episode }: Episode,
  seasons: readonly SeasonFacts[] | undefined,
): boolean {
  const own = regular(seasons).find((one) => one.season === season)?.episodes
  const counted = countedOn(season, episode, seasons)
  const isBeyond = own !== undefined && episodes.every(([from]) => from > own)
  return isBeyond && counted !== undefined && hasNumber(episodes, counted)
}

/** `105` of old broadcasts is 1x05; of others it may be the hundred and fifth. */
function numberVerdict(
  { number = '', isBroadcast }: SaidOfTitle,
  wanted: Episode,
  seasons: readonly SeasonFacts[] | undefined,
): Verdict {
  const digits = /^\d+/.exec(number)?.[0] ?? ''
  // `Show 3`, `Show III`, `Show 3rd`: a sequel, a film, all of a season. An episode alone is `03`.
  if (digits.length === 1 || /(?:nd|rd|th)$/.test(number)) return unsure('a number alone')
  const plain = Number(digits)
  const split = `${wanted.season}${String(wanted.episode).padStart(2, '0')}`
  const total = regular(seasons).reduce((sum, { episodes }) => sum + episodes, 0)
  const isCounted = digits.length < 3 || digits.startsWith('0') || (total > 0 && plain <= total)
  if (isCounted) return countedVerdict([[plain, plain]], wanted, seasons)
  if (total === 0 && !isBroadcast) return unsure('a number alone')
  return plain === Number(split)
    ? right('season and episode in one number')
    : wrong('other episode')
}

/** `Part 3` of a series of one season is its third episode. */
function partVerdict(
  parts: Spans,
  { season, episode }: Episode,
  seasons: readonly SeasonFacts[] | undefined,
): Verdict {
  if (regular(seasons).length !== 1 || season !== 1) return unsure('a part, not an episode')
  return inEpisodes(parts, episode, 'part of a short series')
}
