import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Title } from '../common/title.ts'
import { type CatalogueTitle, type FreeFilms, isFreeLicence } from '../sources/free-films.ts'
import { factsInName } from '../sources/matching/title-names.ts'
import type { NameParser } from '../sources/names/name-parser.ts'
import { NO_NAME } from '../sources/names/parsed-name.ts'
import { plainName } from '../sources/names/plain-name.ts'
import { FreeTitles } from './free-titles.ts'

/** What the catalogs list. `address`: who asks, where that is counted. */
export interface CatalogTitles {
  free(type: string, skip: number, signal: AbortSignal, address?: string): Promise<CatalogPage>
  search(type: string, words: string, signal: AbortSignal, address?: string): Promise<CatalogPage>
  ready(type: string, skip: number): Promise<CatalogPage>
  /** One title; undefined when no catalog may name it. */
  find(
    type: string,
    imdbId: string,
    signal: AbortSignal,
    address?: string,
  ): Promise<CatalogueTitle | undefined>
}

export interface CatalogPage {
  readonly titles: readonly CatalogueTitle[]
  /** False when somebody who was asked did not answer. */
  readonly whole: boolean
}

export interface CatalogParts {
  /**
   * `free`: only titles with a free licence are named, because everybody can read the catalogs;
   * `all`: whatever is on this server.
   */
  readonly naming: 'free' | 'all'
  /** The local catalogue, by `<type> <id>`. */
  readonly local: () => ReadonlyMap<string, CatalogueTitle>
  readonly elsewhere: FreeFilms | undefined
  /** What plays from this server's disk, the most recently used first. */
  readonly stored: () => Promise<readonly { readonly title: Title; readonly fileName: string }[]>
  readonly blocklist: { hasTitle(imdbId: string): boolean }
  readonly parser: NameParser
  readonly log: Log
}

/** Titles of a page, as clients count them. */
export const PAGE = 100

type StoredTitle = Awaited<ReturnType<CatalogParts['stored']>>[number]

export const createCatalogTitles = (parts: CatalogParts): CatalogTitles => new AllTitles(parts)

class AllTitles implements CatalogTitles {
  readonly #parts: CatalogParts
  readonly #free: FreeTitles

  constructor(parts: CatalogParts) {
    this.#parts = parts
    this.#free = new FreeTitles(parts.local)
  }

  async free(
    type: string,
    skip: number,
    signal: AbortSignal,
    address?: string,
  ): Promise<CatalogPage> {
    const here = (await this.#free.of(type)).filter(this.#isAllowed)
    const rest = Math.max(0, skip - here.length)
    const page = here.slice(skip, skip + PAGE)
    return this.#withOthers(type, page, (films) => films.list(rest, signal, address))
  }

  async search(
    type: string,
    words: string,
    signal: AbortSignal,
    address?: string,
  ): Promise<CatalogPage> {
    const wanted = plainName(words)
    if (wanted === '') return { titles: [], whole: true }
    const here = await this.#free.search(type, wanted, PAGE, this.#isAllowed)
    return this.#withOthers(type, here, (films) => films.search(words, signal, address))
  }

  async ready(type: string, skip: number): Promise<CatalogPage> {
    const byId = new Map<string, StoredTitle>()
    for (const item of await this.#parts.stored()) {
      const { imdbId } = item.title
      // A series stands here once, by the episode that was watched last.
      if (item.title.type === type && !byId.has(imdbId)) byId.set(imdbId, item)
    }
    const named = await Promise.all([...byId.values()].map((item) => this.#named(item)))
    const titles = named.filter((title) => title !== undefined).filter(this.#isAllowed)
    return { titles: titles.slice(skip, skip + PAGE), whole: true }
  }

  async find(
    type: string,
    imdbId: string,
    signal: AbortSignal,
    address?: string,
  ): Promise<CatalogueTitle | undefined> {
    const { naming, local, elsewhere, blocklist } = this.#parts
    if (blocklist.hasTitle(imdbId)) return undefined
    const here = local().get(`${type} ${imdbId}`)
    if (here) return naming === 'all' || isFreeLicence(here.licence) ? here : undefined
    return type === 'movie' ? elsewhere?.find(imdbId, signal, address) : undefined
  }

  readonly #isAllowed = ({ imdbId }: CatalogueTitle): boolean =>
    !this.#parts.blocklist.hasTitle(imdbId)

  /** Fills the page up with free films of elsewhere, where there are films only. */
  async #withOthers(
    type: string,
    here: readonly CatalogueTitle[],
    ask: (films: FreeFilms) => Promise<readonly CatalogueTitle[]>,
  ): Promise<CatalogPage> {
    const { elsewhere, log } = this.#parts
    if (!elsewhere || type !== 'movie' || here.length >= PAGE) {
      return { titles: here.slice(0, PAGE), whole: true }
    }
    try {
      const others = (await ask(elsewhere)).filter(this.#isAllowed)
      return { titles: [...here, ...others].slice(0, PAGE), whole: true }
    } catch (error) {
      log.warn({ code: asFault(error).code }, 'the free films of elsewhere did not come')
      return { titles: here, whole: false }
    }
  }

  /** Undefined for a title that may not be named. */
  async #named({ title, fileName }: StoredTitle): Promise<CatalogueTitle | undefined> {
    const { naming, local, elsewhere } = this.#parts
    const { type, imdbId } = title
    const known = local().get(`${type} ${imdbId}`) ?? (await elsewhere?.known(imdbId))
    if (known && (naming === 'all' || isFreeLicence(known.licence))) return known
    return naming === 'all' ? this.#namedByFile(title, fileName) : undefined
  }

  /**
   * Stremio asks its own metadata addon for the rest; until then a viewer sees the name in the file
   * name.
   */
  async #namedByFile({ type, imdbId }: Title, fileName: string): Promise<CatalogueTitle> {
    const [parsed = NO_NAME] = await this.#parts.parser.releases([fileName])
    const facts = factsInName(parsed)
    return {
      type,
      imdbId,
      name: facts?.name ?? imdbId,
      year: type === 'movie' ? facts?.year : undefined,
      licence: undefined,
      description: '',
      episodes: [],
    }
  }
}
