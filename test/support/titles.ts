import type { CatalogueTitle } from './server/stage.ts'

/** One SOURCE of a local catalogue. */
export type CatalogueSource = Readonly<Record<string, string | number>>

export const movie = (
  id: string,
  name: string,
  ...sources: readonly CatalogueSource[]
): CatalogueTitle => ({ id, type: 'movie', name, year: 2001, sources })

export const playMovie = (id: string, number = 0): string => `/play/movie/${id}/${number}`

export const playEpisode = (id: string, number: number, season: number, episode: number): string =>
  `/play/series/${id}/${number}/${season}/${episode}`

export const streamsOf = (id: string): string => `/stream/movie/${id}.json`
