import type { CatalogueTitle } from '../../free-films.ts'
import type { DeclaredTitle } from './catalogue-format.ts'

const EPISODE = /^(\d+):(\d+)$/

/** What the catalogues say of a title, for people: the first that names it counts, episodes are joined. */
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
