/** The sites whose ids Stremio addons of anime use. */
export type AnimeSite = 'kitsu' | 'mal'

/** Of a table: where the episodes of an anime are under an IMDb id. */
export interface AnimeRow {
  readonly kitsu: number | undefined
  readonly mal: number | undefined
  readonly imdbId: string
  /** What the table says that it is; `any`: it does not say. */
  readonly kind: 'film' | 'series' | 'any'
  /** 0 = specials; undefined: its episodes are counted over all seasons. */
  readonly season: number | undefined
  /** Episodes of the season before its first one. */
  readonly before: number
  /** Its last episode, where another anime follows in the same season. */
  readonly last: number | undefined
}

/** Rows of a public table, and how many others say too little to be believed, by the reason. */
export interface ReadTable {
  readonly rows: readonly AnimeRow[]
  readonly leftOut: Readonly<Record<string, number>>
}

/** A row whose place among the others of its IMDb id is not looked at yet. */
export type Draft = Omit<AnimeRow, 'last'>

export const MAX_SEASON = 9999

/**
 * Leaves out what its neighbours speak against: two that begin at one episode, or count over all seasons beside
 * others. What goes before another in a season ends where that one begins.
 */
export function placed(drafts: readonly Draft[], { left }: Reasons): AnimeRow[] {
  const byId = Map.groupBy(drafts, ({ imdbId }) => imdbId)
  return [...byId.values()].flatMap((group) => {
    const series = group.filter(({ kind }) => kind !== 'film')
    const films = group.filter(({ kind }) => kind === 'film')
    // One IMDb id is one film, or one series.
    const areMixed = films.length > 1 || (films.length > 0 && series.length > 0)
    return group.flatMap((draft) => {
      if (draft.kind === 'film' && areMixed) return left('a film whose IMDb id others have too')
      if (draft.kind === 'film') return [{ ...draft, last: undefined }]
      if (draft.season === undefined && series.length > 1)
        return left('no season, and others have its IMDb id')
      const season = series.filter((other) => other.season === draft.season)
      if (season.some((other) => other !== draft && other.before === draft.before))
        return left('begins where another begins')
      const next = Math.min(...season.map(({ before }) => before).filter((n) => n > draft.before))
      return [{ ...draft, last: next === Infinity ? undefined : next - draft.before }]
    })
  })
}

/** Counts by reason. */
export class Reasons {
  readonly #counts = new Map<string, number>()

  /** Counts one that is left out. @returns what stands in its place */
  readonly left = (reason: string): [] => {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
    return []
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].toSorted(([, a], [, b]) => b - a))
  }
}
