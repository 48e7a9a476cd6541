import { z } from 'zod'
import { isImdbId } from '../../common/title.ts'
import { type Draft, MAX_SEASON, placed, type ReadTable, Reasons } from './anime-row.ts'

const number = z.int().min(0).max(MAX_SEASON).optional().catch(undefined)
/** One anime of `imdb_mapping.json`, by its kitsu id. */
const entryShape = z.object({
  imdb_id: z.string().max(20).optional().catch(undefined),
  fromSeason: number,
  fromEpisode: number,
  /** Of its episodes: those that IMDb does not have. */
  nonImdbEpisodes: z.array(z.int()).max(5000).optional().catch(undefined),
})
const KITSU_ID = /^[1-9]\d{0,7}$/

/** `static/data/imdb_mapping.json` of github.com/TheBeastLT/stremio-kitsu-anime, made for Stremio's own numbers. */
export function readKitsuMapping(entries: Readonly<Record<string, unknown>>): ReadTable {
  const reasons = new Reasons()
  const { left } = reasons
  const firstMissing = new Map<number, number>()
  const drafts = Object.entries(entries).flatMap(([key, written]): Draft[] => {
    const parsed = entryShape.safeParse(written)
    if (!KITSU_ID.test(key) || !parsed.success) return left('not read')
    const { imdb_id: imdbId = '', fromSeason: season, fromEpisode = 1 } = parsed.data
    if (!isImdbId(imdbId)) return left('no IMDb id')
    if (fromEpisode < 1) return left('not read')
    const missing = parsed.data.nonImdbEpisodes ?? []
    if (missing.length > 0) firstMissing.set(Number(key), Math.min(...missing))
    const base = { kitsu: Number(key), mal: undefined, imdbId, before: fromEpisode - 1 }
    return [{ ...base, kind: season === undefined ? 'any' : 'series', season }]
  })
  const rows = placed(drafts, reasons).map((row) => {
    const missing = firstMissing.get(row.kitsu ?? 0)
    // From there on its numbers and IMDb's differ.
    return missing === undefined
      ? row
      : { ...row, last: Math.min(missing - 1, row.last ?? missing) }
  })
  return { rows, leftOut: reasons.counts }
}
