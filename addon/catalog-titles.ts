import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { createEventLoopYield } from '../common/permits/event-loop-yield.ts'
import {
  type CatalogueTitle,
  type FreeFilms,
  isFreeLicence,
  isLibraryId,
  type UnknownTitles,
} from '../sources/free-films.ts'
import { plainName } from '../sources/names/plain-name.ts'
import { FreeTitles } from './free-titles.ts'
import { type ReadyParts, ReadyTitles } from './ready-titles.ts'

/** What the catalogs list. `address`: who asks, where that is counted. */
export interface CatalogTitles {
  free(type: string, skip: number, signal: AbortSignal, address?: string): Promise<CatalogPage>
  search(type: string, words: string, signal: AbortSignal, address?: string): Promise<CatalogPage>
  ready(type: string, skip: number): Promise<CatalogPage>
  /** Files of the library that no title is known of; all, or those with words in their names. */
  unknown(type: string, skip: number, words?: string): Promise<CatalogPage>
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

export interface CatalogParts extends ReadyParts {
  readonly blocklist: { hasTitle(imdbId: string): boolean }
  /** Undefined: there is no library, or it may not be named. */
  readonly library?: UnknownTitles | undefined
  readonly log: Log
}

/** Titles of a page, as clients count them. */
export const PAGE = 100

export const createCatalogTitles = (parts: CatalogParts): CatalogTitles => new AllTitles(parts)

class AllTitles implements CatalogTitles {
  readonly #parts: CatalogParts
  readonly #free: FreeTitles
  readonly #ready: ReadyTitles

  constructor(parts: CatalogParts) {
    this.#parts = parts
    this.#free = new FreeTitles(parts.local)
    this.#ready = new ReadyTitles(parts)
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
    const titles = await this.#ready.first(type, skip + PAGE, this.#isAllowed)
    return { titles: titles.slice(skip), whole: true }
  }

  async unknown(type: string, skip: number, words?: string): Promise<CatalogPage> {
    const wanted = words === undefined ? '' : plainName(words)
    if (words !== undefined && wanted === '') return { titles: [], whole: true }
    const all = ((await this.#parts.library?.list(type)) ?? []).filter(this.#isAllowed)
    const pause = createEventLoopYield()
    const found: CatalogueTitle[] = []
    for (const title of all) {
      if (found.length >= skip + PAGE) break
      await pause()
      const texts = `${title.name} ${title.description}`
      if (wanted === '' || plainName(texts).includes(wanted)) found.push(title)
    }
    return { titles: found.slice(skip), whole: true }
  }

  async find(
    type: string,
    imdbId: string,
    signal: AbortSignal,
    address?: string,
  ): Promise<CatalogueTitle | undefined> {
    const { naming, local, elsewhere, blocklist, library } = this.#parts
    if (blocklist.hasTitle(imdbId)) return undefined
    const here = local().get(`${type} ${imdbId}`)
    if (here) return naming === 'all' || isFreeLicence(here.licence) ? here : undefined
    if (isLibraryId(imdbId)) return library?.find(type, imdbId)
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
}
