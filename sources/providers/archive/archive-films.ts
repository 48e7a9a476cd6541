import type { Source } from '../../source.ts'
import { type ArchiveApi, type ArchiveHit, type ArchiveItem, lucene } from './archive-api.ts'
import { sourcesOfItem } from './archive-item.ts'
import { freeLicence } from './archive-licence.ts'

export interface FreeFilm extends Pick<ArchiveHit, 'identifier' | 'title' | 'year'> {
  readonly licence: string
}

/** Free films of the Internet Archive, for catalogs: they have no IMDb id, but an identifier. */
export interface ArchiveFilms {
  /**
   * The feature films with the most downloads. `address`: whose question it is, where that is counted. `page` counts from 1, and may hold fewer than
   * `FILMS_PER_PAGE`.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED
   */
  popular(page: number, signal: AbortSignal, address?: string): Promise<readonly FreeFilm[]>
  /** Those with all the words in their title. @throws as `popular` */
  search(words: string, signal: AbortSignal, address?: string): Promise<readonly FreeFilm[]>
  /**
   * One film and its sources; undefined when there is no free film with this identifier.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED
   */
  read(
    identifier: string,
    signal: AbortSignal,
    address?: string,
  ): Promise<
    | {
        readonly film: FreeFilm & Pick<ArchiveItem, 'description'>
        readonly sources: readonly Source[]
      }
    | undefined
  >
}

const FILMS_PER_PAGE = 50
const QUERY =
  'collection:(feature_films) AND mediatype:(movies) AND licenseurl:(*creativecommons.org*)'

export function createArchiveFilms(api: ArchiveApi): ArchiveFilms {
  const films = (hits: readonly ArchiveHit[]): readonly FreeFilm[] => hits.flatMap(filmOf)
  return {
    async popular(page, signal, address) {
      const options = { rows: FILMS_PER_PAGE, page, sort: 'downloads desc' }
      return films(await api.search(QUERY, options, signal, address))
    },
    async search(words, signal, address) {
      // In lower case AND, OR and NOT are plain words.
      const wanted = lucene(words).toLowerCase()
      if (wanted === '') return []
      const options = { rows: 100, sort: 'downloads desc' }
      return films(await api.search(`${QUERY} AND title:(${wanted})`, options, signal, address))
    },
    async read(identifier, signal, address) {
      const item = await api.item(identifier, signal, address)
      const [film] = item ? films([item]) : []
      if (!item || !film) return undefined
      const { description } = item
      return { film: { ...film, description }, sources: sourcesOfItem(item, api) }
    },
  }
}

function filmOf(hit: ArchiveHit): FreeFilm[] {
  const licence = freeLicence(hit)
  const { identifier, title, year } = hit
  return licence === undefined ? [] : [{ identifier, title, year, licence }]
}
