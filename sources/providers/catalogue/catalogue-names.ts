import type { CatalogueTitle } from '../../free-films.ts'
import type { DeclaredTitle } from './catalogue-format.ts'

const EPISODE = /^(\d+):(\d+)$/

/** One title for people: with the first name that a catalogue gives it, and the episodes of all. */
export function catalogueTitle(declared: readonly DeclaredTitle[]): CatalogueTitle | undefined {
  const [first] = declared
  if (!first) return undefined
  const named = declared.find(({ name }) => name !== undefined) ?? first
  const episodes = declared.flatMap((entry) => [...entry.episodes.keys()])
  return {
    type: first.type,
    imdbId: first.id,
    name: named.name ?? first.id,
    year: named.year,
    licence: named.licence,
    description: '',
    episodes: [...new Set(episodes)].flatMap((text) => {
      const [, season, episode] = EPISODE.exec(text) ?? []
      return season === undefined ? [] : [[Number(season), Number(episode)] as const]
    }),
  }
}
