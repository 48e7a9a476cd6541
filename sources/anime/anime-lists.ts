import { z } from 'zod'
import { isImdbId } from '../../common/title.ts'
import { type Draft, MAX_SEASON, placed, type ReadTable, Reasons } from './anime-row.ts'

/** What is not such a number is not there: some lists write `unknown`. */
const id = z.int().positive().max(99_999_999).optional().catch(undefined)
const number = z.int().min(0).max(MAX_SEASON).optional().catch(undefined)
const numbering = z.object({ tvdb: number, tmdb: number }).optional().catch(undefined)
/** One anime of `anime-list-full.json`; what else it says is not read. */
const entryShape = z.object({
  type: z.string().max(20).optional().catch(undefined),
  kitsu_id: id,
  mal_id: id,
  /** A list; in older versions a text, of several ids with commas. */
  imdb_id: z
    .union([z.string().max(200), z.array(z.string().max(20)).max(100)])
    .optional()
    .catch(undefined),
  themoviedb_id: z
    .object({ movie: z.unknown(), tv: z.unknown() })
    .partial()
    .optional()
    .catch(undefined),
  season: numbering,
  episode_offset: numbering,
})
type Entry = z.infer<typeof entryShape>

/** Broadcast as a series, so that its first episode is the first one of its IMDb id. */
const SERIES = new Set(['TV', 'ONA'])

/**
 * `anime-list-full.json` of github.com/Fribb/anime-lists. It has the seasons of TheTVDB and TMDB, not of IMDb: they are
 * believed where both say the same, and where the IMDb id has a first season.
 */
export function readAnimeLists(entries: readonly unknown[]): ReadTable {
  const reasons = new Reasons()
  const drafts = entries.flatMap((entry) => draftOf(entry, reasons))
  const counted = drafts.filter(({ season = 0 }) => season > 0)
  const first = new Map<string, number>()
  for (const { imdbId, season = MAX_SEASON } of counted) {
    first.set(imdbId, Math.min(first.get(imdbId) ?? MAX_SEASON, season))
  }
  const believed = drafts.flatMap((draft) => {
    // Then the IMDb id may be of a series of its own, which counts from one again.
    const isFirstMissing = draft.kind === 'series' && (first.get(draft.imdbId) ?? 1) > 1
    return isFirstMissing ? reasons.left('no first season has its IMDb id') : [draft]
  })
  return { rows: placed(believed, reasons), leftOut: reasons.counts }
}

function draftOf(written: unknown, { left }: Reasons): readonly Draft[] {
  const parsed = entryShape.safeParse(written)
  if (!parsed.success) return left('not read')
  const entry = parsed.data
  if (entry.kitsu_id === undefined && entry.mal_id === undefined) return left('no id of its site')
  const [imdbId, ...more] = imdbIds(entry)
  if (imdbId === undefined) return left('no IMDb id')
  if (more.length > 0) return left('several IMDb ids')
  const base = { kitsu: entry.kitsu_id, mal: entry.mal_id, imdbId }
  if (isFilm(entry)) return [{ ...base, kind: 'film', season: undefined, before: 0 }]
  const place = placeOf(entry)
  if (typeof place === 'string') return left(place)
  return [{ ...base, kind: 'series', ...place }]
}

const imdbIds = ({ imdb_id: said = [] }: Entry): readonly string[] => {
  const texts = typeof said === 'string' ? said.split(',') : said
  return [...new Set(texts.map((text) => text.trim()).filter(isImdbId))]
}

/** An OVA may be one film to others. */
const isFilm = ({ type, themoviedb_id: tmdb }: Entry): boolean =>
  type === 'MOVIE' || (tmdb?.movie !== undefined && tmdb.tv === undefined)

/** A text says why it cannot be told. */
function placeOf({
  type,
  season,
  episode_offset: offset,
}: Entry): Pick<Draft, 'season' | 'before'> | string {
  const [one, other] = [season?.tvdb ?? season?.tmdb, season?.tmdb ?? season?.tvdb]
  if (one === undefined) {
    return SERIES.has(type ?? '') ? { season: undefined, before: 0 } : 'no season'
  }
  if (one !== other) return 'its seasons differ'
  const before = [
    ...(season?.tvdb === undefined ? [] : [offset?.tvdb ?? 0]),
    ...(season?.tmdb === undefined ? [] : [offset?.tmdb ?? 0]),
  ]
  if (new Set(before).size > 1) return 'its offsets differ'
  // Specials without one are in the list's longer form, which this file does not have.
  if (one === 0 && before[0] === 0) return 'a special without its number'
  return { season: one, before: before[0] ?? 0 }
}
