import type { Title } from '../../../common/title.ts'
import type { Config } from '../../../config/config.ts'
import { type CatalogueTitle, isFreeLicence } from '../../free-films.ts'
import type { NamedTitle } from './catalogue-titles.ts'

/** A film, or the first episode of a series, that anybody may watch. */
export type PosterTitle = Pick<CatalogueTitle, 'name' | 'year' | 'licence'> & {
  readonly title: Title
}

export interface PosterParts {
  /** As it was last read. */
  readonly catalogue: {
    titles(limit: number): readonly NamedTitle[]
    named(): ReadonlyMap<string, CatalogueTitle>
  }
  readonly blocklist: { hasTitle(imdbId: string): boolean }
  readonly config: Pick<Config, 'catalogs'>
}

/** So many of the catalogue's first are looked at: a page must not wait for 50,000. */
const LOOKED_AT = 100

const SHOWN = 8

/** For everybody: the first titles of the catalogue whose licence is a free one, each once; none with CATALOGS=off. */
export function posterTitles({
  catalogue,
  blocklist,
  config,
}: PosterParts): readonly PosterTitle[] {
  if (config.catalogs === 'off') return []
  const named = catalogue.named()
  const free = new Map<CatalogueTitle, PosterTitle>()
  for (const { title } of catalogue.titles(LOOKED_AT)) {
    const known = named.get(`${title.type} ${title.imdbId}`)
    if (!known || free.has(known) || !isFreeLicence(known.licence)) continue
    if (blocklist.hasTitle(title.imdbId)) continue
    const { name, year, licence } = known
    free.set(known, { title, name, year, licence })
  }
  return [...free.values()].slice(0, SHOWN)
}
