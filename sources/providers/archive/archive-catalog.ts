import type { CatalogueTitle, FreeFilms } from '../../free-films.ts'
import type { ArchiveFilms, FreeFilm } from './archive-films.ts'
import type { ArchiveIds } from './archive-ids.ts'

const PAGE = 100
/** Of the archive's: they are asked for one by one, and cached for hours. */
const MAX_PAGES = 40

/** The archive's free films, under ids of our own. */
export function createArchiveCatalog(films: ArchiveFilms, ids: ArchiveIds): FreeFilms {
  async function named(list: readonly FreeFilm[]): Promise<readonly CatalogueTitle[]> {
    const titles = await Promise.all(
      list.map(async (film) => {
        const id = await ids.idOf(film)
        return id === undefined ? [] : [titleOf(id, film)]
      }),
    )
    return titles.flat()
  }

  return {
    async list(skip, signal, address) {
      const all = new Map<string, FreeFilm>()
      // A page of theirs may hold fewer films than asked for, so that the place of a film is only
      // known
      // by counting from the first page on.
      for (let page = 1; page <= MAX_PAGES && all.size < skip + PAGE; page++) {
        const found = await films.popular(page, signal, address)
        if (found.length === 0) break
        for (const film of found) all.set(film.identifier, film)
      }
      return named([...all.values()].slice(skip, skip + PAGE))
    },
    search: async (words, signal, address) =>
      named((await films.search(words, signal, address)).slice(0, PAGE)),
    async known(imdbId) {
      const film = await ids.filmOf(imdbId)
      return film && titleOf(imdbId, film)
    },
    async find(imdbId, signal, address) {
      const film = await ids.filmOf(imdbId)
      const read = film && (await films.read(film.identifier, signal, address))
      return read && { ...titleOf(imdbId, read.film), description: read.film.description }
    },
  }
}

const titleOf = (imdbId: string, { title, year, licence }: FreeFilm): CatalogueTitle => ({
  type: 'movie',
  imdbId,
  name: title,
  year,
  licence,
  description: '',
  episodes: [],
})
