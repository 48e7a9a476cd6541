import { LRUCache } from 'lru-cache'
import type { Title } from '../common/title.ts'
import {
  type CatalogueTitle,
  type FreeFilms,
  isFreeLicence,
  isOwnId,
} from '../sources/free-films.ts'
import type { NameParser } from '../sources/names/name-parser.ts'
import { NO_NAME } from '../sources/names/parsed-name.ts'

/** A title that plays from this server's disk. */
export interface ReadyTitle {
  readonly title: Title
  readonly fileName: string
}

export interface ReadyParts {
  /**
   * `free`: only titles with a free licence are named, because everybody can read the catalogs;
   * `all`: whatever is on this server.
   */
  readonly naming: 'free' | 'all'
  /** The local catalogue, by `<type> <id>`; another map when it was read anew. */
  readonly local: () => ReadonlyMap<string, CatalogueTitle>
  readonly elsewhere: FreeFilms | undefined
  /** The most recently used first. */
  readonly stored: () => Promise<readonly ReadyTitle[]>
  readonly parser: NameParser
}

/** The titles of two thousand films, and of as many that went meanwhile. */
const MOST_REMEMBERED = 4000
const NAMELESS = Symbol('may not be named')
const AT_ONCE = 100

/** The titles that play from this server's disk, with their names. What a title is called is found out once. */
export class ReadyTitles {
  readonly #parts: ReadyParts
  readonly #names = new LRUCache<string, CatalogueTitle | typeof NAMELESS>({ max: MOST_REMEMBERED })
  /** The catalogue that the names are of. */
  #of: ReadonlyMap<string, CatalogueTitle> | undefined

  constructor(parts: ReadyParts) {
    this.#parts = parts
  }

  /** The first so many that may be named and are allowed. */
  async first(
    type: string,
    most: number,
    isAllowed: (title: CatalogueTitle) => boolean,
  ): Promise<readonly CatalogueTitle[]> {
    const byId = new Map<string, ReadyTitle>()
    for (const item of await this.#parts.stored()) {
      const { imdbId } = item.title
      // A series stands here once, by the episode that was watched last.
      if (item.title.type === type && !byId.has(imdbId)) byId.set(imdbId, item)
    }
    const items = [...byId.values()]
    const found: CatalogueTitle[] = []
    for (let from = 0; from < items.length && found.length < most; from += AT_ONCE) {
      const part = items.slice(from, from + AT_ONCE)
      const named = await Promise.all(part.map((item) => this.#named(item)))
      for (const title of named) if (title && isAllowed(title)) found.push(title)
    }
    return found.slice(0, most)
  }

  /** Undefined for a title that may not be named. */
  async #named(item: ReadyTitle): Promise<CatalogueTitle | undefined> {
    const local = this.#parts.local()
    if (this.#of !== local) this.#names.clear()
    this.#of = local
    const { type, imdbId } = item.title
    const name = `${type} ${imdbId} ${item.fileName}`
    const known = this.#names.get(name)
    if (known) return known === NAMELESS ? undefined : known
    const { title, isSure } = await this.#lookUp(item)
    if (isSure && this.#of === local) this.#names.set(name, title ?? NAMELESS)
    return title
  }

  /** `isSure`: it will be the same when it is asked again. */
  async #lookUp({ title, fileName }: ReadyTitle): Promise<{
    readonly title: CatalogueTitle | undefined
    readonly isSure: boolean
  }> {
    const { naming, local, elsewhere } = this.#parts
    const { type, imdbId } = title
    const known = local().get(`${type} ${imdbId}`) ?? (await elsewhere?.known(imdbId))
    if (known && (naming === 'all' || isFreeLicence(known.licence))) {
      return { title: known, isSure: true }
    }
    // What an id of ours means the index says, which may be away.
    if (naming === 'free') return { title: undefined, isSure: !isOwnId(imdbId) }
    return this.#namedByFile(title, fileName)
  }

  /**
   * Stremio asks its own metadata addon for the rest; until then a viewer sees the name in the file
   * name.
   */
  async #namedByFile({ type, imdbId }: Title, fileName: string) {
    const [parsed = NO_NAME] = await this.#parts.parser.releases([fileName])
    const title: CatalogueTitle = {
      type,
      imdbId,
      name: parsed.title ?? imdbId,
      year: type === 'movie' ? parsed.year : undefined,
      licence: undefined,
      description: '',
      episodes: [],
    }
    // A name that could not be read now may be at another time.
    return { title, isSure: parsed.title !== undefined && !isOwnId(imdbId) }
  }
}
