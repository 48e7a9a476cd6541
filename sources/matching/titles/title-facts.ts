import type { Title } from '../../../common/title.ts'

/** A season of a series, as a metadata server tells it. */
export interface SeasonFacts {
  /** 0 = specials. */
  readonly season: number
  /** How many episodes it has. */
  readonly episodes: number
  /** In which it was shown; empty when nobody says. */
  readonly years: readonly number[]
}

/** What a metadata server tells of a title, so that names can be held against it. */
export interface TitleFacts {
  readonly name: string
  /** Of a movie, or a series' first. */
  readonly year: number | undefined
  /** Original titles, and others that it is known by. */
  readonly aliases?: readonly string[]
  /** Of a series that has ended. */
  readonly endYear?: number | undefined
  /** ISO 3166-1 alpha-2 in lower case; none when nobody says. */
  readonly countries?: readonly string[]
  /** Of a series; none when nobody says. */
  readonly seasons?: readonly SeasonFacts[]
  /** Days of one season's episodes, `2024-03-11`, the first one at 0; empty texts are unknown. */
  readonly days?: ReadonlyMap<number, readonly string[]>
}

/** What a metadata server tells of a title; undefined when it is not known in time. Never rejects. */
export type FindTitleFacts = (title: Title) => Promise<TitleFacts | undefined>
