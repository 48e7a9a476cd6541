import { z } from 'zod'
import { createEventLoopYield } from '../../common/permits/event-loop-yield.ts'
import { isImdbId } from '../../common/title.ts'
import { byOneKey } from '../by-one-key.ts'
import { readAnimeLists } from './anime-lists.ts'
import { type AnimeRow, type AnimeSite, MAX_SEASON, type ReadTable } from './anime-row.ts'
import { readKitsuMapping } from './kitsu-mapping.ts'

/** The largest public table has 40,000 anime. */
const MAX_ROWS = 200_000

/** Whichever of the public tables a value is; undefined: neither. */
export function readPublicTable(value: unknown): ReadTable | undefined {
  if (Array.isArray(value)) return value.length > MAX_ROWS ? undefined : readAnimeLists(value)
  const entries = z.record(z.string(), z.unknown()).safeParse(value)
  return entries.success && Object.keys(entries.data).length <= MAX_ROWS
    ? readKitsuMapping(entries.data)
    : undefined
}

/** Rows by the ids of their sites. */
export class AnimeTable {
  readonly #rows: Readonly<Record<AnimeSite, ReadonlyMap<number, AnimeRow>>>

  constructor(rows: readonly AnimeRow[]) {
    this.#rows = { kitsu: byId(rows, 'kitsu'), mal: byId(rows, 'mal') }
  }

  get sites(): readonly AnimeSite[] {
    return (['kitsu', 'mal'] as const).filter((site) => this.#rows[site].size > 0)
  }

  size(site: AnimeSite): number {
    return this.#rows[site].size
  }

  find(site: AnimeSite, id: number): AnimeRow | undefined {
    return this.#rows[site].get(id)
  }

  ids(site: AnimeSite): readonly number[] {
    return [...this.#rows[site].keys()]
  }
}

/** An id that two rows have is of neither. */
const byId = (rows: readonly AnimeRow[], site: AnimeSite): ReadonlyMap<number, AnimeRow> =>
  byOneKey(rows, (row) => row[site])

const siteId = z.int().positive().max(99_999_999).nullable()
const fileShape = z.object({
  playlinkAnimeIds: z.literal(1),
  /** Where it is from, for people. */
  source: z.string().max(2000),
  rows: z.array(z.unknown()).max(MAX_ROWS),
})
const rowShape = z.tuple([
  siteId,
  siteId,
  z.string().refine(isImdbId),
  z.enum(['film', 'series', 'any']),
  z.int().min(0).max(MAX_SEASON).nullable(),
  z.int().min(0).max(MAX_SEASON),
  z.int().min(0).max(MAX_SEASON).nullable(),
])

/** As the command writes them: a row a line. */
export function formatTable(rows: readonly AnimeRow[], source: string): string {
  const lines = rows.map(({ kitsu, mal, imdbId, kind, season, before, last }) =>
    JSON.stringify([
      kitsu ?? null,
      mal ?? null,
      imdbId,
      kind,
      season ?? null,
      before,
      last ?? null,
    ]),
  )
  const head = `{"playlinkAnimeIds":1,"source":${JSON.stringify(source)},"rows":[`
  return `${head}\n${lines.join(',\n')}\n]}\n`
}

/** @throws Error when it is no such text */
export async function parseTable(text: string): Promise<AnimeTable> {
  const pause = createEventLoopYield()
  const { rows } = fileShape.parse(JSON.parse(text))
  const read: AnimeRow[] = []
  for (const row of rows) {
    await pause()
    const [kitsu, mal, imdbId, kind, season, before, last] = rowShape.parse(row)
    read.push({
      ...{ kitsu: kitsu ?? undefined, mal: mal ?? undefined, imdbId, kind, before },
      ...{ season: season ?? undefined, last: last ?? undefined },
    })
  }
  return new AnimeTable(read)
}
