import { isOwnId } from '../../free-films.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { isTitle } from '../../matching/titles/title-keys.ts'
import type { SourceProvider } from '../../source.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { nameInTime } from '../shared/name-in-time.ts'
import { type ArchiveApi, type ArchiveHit, lucene } from './archive-api.ts'
import type { ArchiveFilms } from './archive-films.ts'
import type { ArchiveIds } from './archive-ids.ts'
import { ARCHIVE, sourcesOfItem } from './archive-item.ts'
import { freeLicence } from './archive-licence.ts'

const ROWS = 50
const MAX_ITEMS = 3

/** Films under ids that this server gave them. */
export interface OwnFilms {
  readonly films: Pick<ArchiveFilms, 'read'>
  readonly ids: Pick<ArchiveIds, 'filmOf'>
}

/**
 * Films of the Internet Archive. An item is the wanted film when both its title and its year are
 * those of the film: the archive also has trailers, talks and remakes of the same name, and a wrong
 * film is worse than none. Series are not listed, because their episodes are not named reliably.
 */
export function createArchive(api: ArchiveApi, names: TitleNames, own?: OwnFilms): SourceProvider {
  return {
    name: ARCHIVE,
    authority: 'network',
    host: api.host,
    requests: 1 + MAX_ITEMS,
    async find(title, signal) {
      if (title.type !== 'movie') return []
      if (own && isOwnId(title.imdbId)) return sourcesOfOwn(own, title.imdbId, signal)
      const facts = await nameInTime(names, title, signal)
      if (facts?.year === undefined) return []
      const words = lucene(facts.name)
      if (words === '') return []
      const query = `title:("${words}") AND mediatype:(movies)`
      const hits = await api.search(query, { rows: ROWS, sort: 'downloads desc' }, signal)
      const wanted = hits.filter((hit) => isFilm(hit, facts) && freeLicence(hit) !== undefined)
      const items = await Promise.all(
        wanted.slice(0, MAX_ITEMS).map(({ identifier }) => api.item(identifier, signal)),
      )
      return items.flatMap((item) => (item && isFilm(item, facts) ? sourcesOfItem(item, api) : []))
    },
  }
}

async function sourcesOfOwn({ films, ids }: OwnFilms, imdbId: string, signal: AbortSignal) {
  const film = await ids.filmOf(imdbId)
  return film ? ((await films.read(film.identifier, signal))?.sources ?? []) : []
}

/** The title may be `Night of the Living Dead` with the year in its field, or `... Dead (1968)`. */
function isFilm({ title, year }: ArchiveHit, facts: TitleFacts): boolean {
  const end = /[\s([{]((?:18|19|20)\d\d)[)\]}]?$/.exec(title)
  const bare = end ? title.slice(0, end.index) : title
  const written = end?.[1]
  const whole = isTitle(title, facts)
  if (!whole && !isTitle(bare, facts)) return false
  const years = [year, whole || written === undefined ? undefined : Number(written)]
  const said = years.filter((one) => one !== undefined)
  // The year field is often that of the upload or of a restoration: a year in the title decides.
  return said.length > 0 && said.at(-1) === facts.year
}
