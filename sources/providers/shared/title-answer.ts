import { z } from 'zod'
import { cleanText } from '../../../common/clean-text.ts'
import type { Title } from '../../../common/title.ts'
import type { SeasonFacts, TitleFacts } from '../../matching/titles/title-facts.ts'
import { countryCodes } from './country-codes.ts'
import { goodOnesOf, listOf } from './foreign-json.ts'

/** Of one series; a daily show has some hundred a year. */
export const MOST_EPISODES = 6000
const MAX_ALIASES = 20
const MAX_NAME = 300
const DAY_MS = 86_400_000

const text = z.string().max(500)
const optional = text.nullish().catch(undefined)
const whole = z.int().min(0).max(9999)
const names = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  goodOnesOf(text, MAX_ALIASES).nullish().catch(undefined),
)
const videoShape = z
  .object({
    season: whole,
    episode: whole.nullish(),
    number: whole.nullish(),
    released: optional,
    firstAired: optional,
  })
  .nullish()
  .catch(undefined)

/** `meta` of an answer as Cinemeta gives it; other metadata addons name original titles in several ways. */
const metaShape = z.object({
  name: z.string().min(1).max(500),
  releaseInfo: z.union([z.string(), z.number()]).nullish(),
  year: z.union([z.string(), z.number()]).nullish(),
  country: z
    .union([text, goodOnesOf(text, 20)])
    .nullish()
    .catch(undefined),
  originalName: optional,
  originalTitle: optional,
  original_title: optional,
  original_name: optional,
  aliases: names,
  aka: names,
  alternativeTitles: names,
  videos: listOf(videoShape, MOST_EPISODES).nullish().catch(undefined),
})
type Meta = z.infer<typeof metaShape>

const storedSeason = z.object({
  season: whole,
  episodes: whole,
  years: z.array(z.int()).max(100),
  /** Days since 1970 of its episodes, the first one at 0; 0 is unknown. */
  days: z.array(z.int()).max(MOST_EPISODES),
})
/** As stored in the index. A name of 300 characters, of two UTF-16 units at most. */
export const storedFactsShape = z.object({
  name: z.string().min(1).max(600),
  year: z.int().nullable(),
  endYear: z.int().nullable(),
  aliases: z.array(z.string().max(600)).max(4 * MAX_ALIASES),
  countries: z.array(z.string().max(2)).max(20),
  seasons: z.array(storedSeason).max(1000),
  /** When it was asked, wall-clock milliseconds. */
  at: z.number(),
})
export type StoredFacts = z.infer<typeof storedFactsShape>

const YEARS = /(?<!\d)((?:18|19|20)\d\d)(?!\d)(?:\s*([-–])\s*((?:19|20)\d\d)?)?/

/** Undefined for what names no title. */
export function readTitleAnswer(value: unknown, at: number): StoredFacts | undefined {
  const { data } = metaShape.safeParse(value)
  if (!data) return undefined
  const [, first, dash, last] = yearsIn(data)
  // A year alone may be the first one; as the whole `releaseInfo` it is the last as well.
  const isWhole = first !== undefined && `${data.releaseInfo}`.trim() === first
  const name = cleanText(data.name, MAX_NAME)
  if (name === '') return undefined
  const end = dash ? last : isWhole ? first : undefined
  const countries = countryCodes(data.country ?? [])
  return {
    name,
    year: first ? Number(first) : null,
    endYear: end ? Number(end) : null,
    aliases: aliasesIn(data, name),
    countries,
    seasons: seasonsIn(data.videos ?? [], countries.some(isAmerican)),
    at,
  }
}

/** `releaseInfo` has the span of a series, `year` often its first year only. */
function yearsIn({ year, releaseInfo }: Meta): readonly (string | undefined)[] {
  const found = [releaseInfo, year].map((one) => YEARS.exec(`${one ?? ''}`))
  const first = YEARS.exec(`${year ?? ''}`)?.[1]
  const best = found.find((one) => one && (first === undefined || one[1] === first))
  return best ?? found[1] ?? []
}

function aliasesIn(meta: Meta, name: string): string[] {
  const { originalName, originalTitle, original_title, original_name } = meta
  const all = [originalName, originalTitle, original_title, original_name]
  const listed = [...(meta.aliases ?? []), ...(meta.aka ?? []), ...(meta.alternativeTitles ?? [])]
  const clean = [...all, ...listed].map((one) => cleanText(one ?? '', MAX_NAME))
  return [...new Set(clean)].filter((one) => one !== '' && one !== name)
}

/** Where an evening is the next day by Greenwich. */
const isAmerican = (country: string): boolean => country === 'us' || country === 'ca'
const AMERICAN_MS = 5 * 3_600_000

function dayOf(released: string | null | undefined, shifts: boolean): number {
  const time = Date.parse(released ?? '')
  if (Number.isNaN(time) || time <= 0) return 0
  // Midnight sharp is a day without a time.
  return Math.floor((time % DAY_MS !== 0 && shifts ? time - AMERICAN_MS : time) / DAY_MS)
}

function seasonsIn(videos: readonly z.infer<typeof videoShape>[], shifts: boolean) {
  const seasons = new Map<number, Map<number, number>>()
  for (const video of videos) {
    const episode = video?.episode ?? video?.number
    if (!video || episode == null || episode === 0) continue
    const days = seasons.get(video.season) ?? new Map<number, number>()
    seasons.set(video.season, days.set(episode, dayOf(video.released ?? video.firstAired, shifts)))
  }
  return [...seasons]
    .sort(([a], [b]) => a - b)
    .slice(0, 1000)
    .map(([season, days]) => {
      const last = Math.min(Math.max(...days.keys()), 2 * days.size)
      const known = [...days.values()].filter((day) => day > 0)
      const years = new Set(known.map((day) => new Date(day * DAY_MS).getUTCFullYear()))
      const listed = Array.from({ length: last }, (_, at) => days.get(at + 1) ?? 0)
      return { season, episodes: days.size, years: [...years].slice(0, 100), days: listed }
    })
}

/** Whether an episode may have come since it was asked. */
export function isMissing({ seasons }: StoredFacts, title: Title): boolean {
  if (title.type === 'movie' || seasons.length === 0) return false
  const season = seasons.find((one) => one.season === title.season)
  return (season?.days.length ?? 0) < title.episode
}

/** For names of that title. */
export function factsOf(stored: StoredFacts | null, title: Title): TitleFacts | undefined {
  if (!stored) return undefined
  const { name, year, endYear, aliases, countries, seasons } = stored
  if (title.type === 'movie')
    return { name, year: year ?? undefined, ...named({ aliases, countries }) }
  return {
    name,
    year: year ?? undefined,
    ...(endYear === null ? {} : { endYear }),
    ...named({ aliases, countries }),
    ...(seasons.length > 0 && {
      seasons: seasons.map(seasonOf),
      days: daysOf(seasons, title.season),
    }),
  }
}

const named = ({ aliases, countries }: Pick<StoredFacts, 'aliases' | 'countries'>) => ({
  ...(aliases.length > 0 && { aliases }),
  ...(countries.length > 0 && { countries }),
})

const seasonOf = ({ season, episodes, years }: StoredFacts['seasons'][number]): SeasonFacts => ({
  season,
  episodes,
  years,
})

function daysOf(seasons: StoredFacts['seasons'], season: number) {
  const days = seasons.find((one) => one.season === season)?.days ?? []
  const texts = days.map((day) =>
    day === 0 ? '' : new Date(day * DAY_MS).toISOString().slice(0, 10),
  )
  return new Map([[season, texts]])
}
