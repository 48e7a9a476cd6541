import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Title } from '../common/title.ts'
import { type CatalogueTitle, type FreeFilms, isFreeLicence } from '../sources/free-films.ts'
import { factsInName, plainName } from '../sources/matching/title-names.ts'

/** What catalogs are made of; one page is 100 titles, as clients count them. */
export interface CatalogTitles {
  free(type: string, skip: number, signal: AbortSignal): Promise<CatalogPage>
  search(type: string, words: string, signal: AbortSignal): Promise<CatalogPage>
  ready(type: string, skip: number): Promise<CatalogPage>
  /** Of one title, if a catalog may name it. */
  find(type: string, imdbId: string, signal: AbortSignal): Promise<CatalogueTitle | undefined>
}

export interface CatalogPage {
  readonly titles: readonly CatalogueTitle[]
  /** False when somebody who was asked did not answer. */
  readonly whole: boolean
}

export interface CatalogParts {
  /**
   * `free`: only titles that come with a free licence are named, for the catalogs are open to
   * everybody; `all`: whatever this server holds.
   */
  readonly naming: 'free' | 'all'
  /** The local catalogue, by `<type> <id>`. */
  readonly local: () => ReadonlyMap<string, CatalogueTitle>
  readonly elsewhere: FreeFilms | undefined
  /** What plays from this server's disk, the last used first. */
  readonly stored: () => Promise<readonly { readonly title: Title; readonly fileName: string }[]>
  readonly blocklist: { hasTitle(imdbId: string): boolean }
  readonly log: Log
}

export const PAGE = 100

export function createCatalogTitles(parts: CatalogParts): CatalogTitles {
  const { naming, local, elsewhere, stored: held, blocklist, log } = parts
  const allowed = ({ imdbId }: CatalogueTitle): boolean => !blocklist.hasTitle(imdbId)
  const freeHere = (type: string): readonly CatalogueTitle[] =>
    [...local().values()].filter(
      (title) => title.type === type && isFreeLicence(title.licence) && allowed(title),
    )

  /** The archive has films only. */
  async function beside(
    type: string,
    here: readonly CatalogueTitle[],
    ask: (films: FreeFilms) => Promise<readonly CatalogueTitle[]>,
  ): Promise<CatalogPage> {
    if (!elsewhere || type !== 'movie' || here.length >= PAGE) {
      return { titles: here.slice(0, PAGE), whole: true }
    }
    try {
      const others = (await ask(elsewhere)).filter(allowed)
      return { titles: [...here, ...others].slice(0, PAGE), whole: true }
    } catch (error) {
      log.warn({ code: asFault(error).code }, 'the free films of elsewhere did not come')
      return { titles: here, whole: false }
    }
  }

  async function storedTitle({ title, fileName }: Awaited<ReturnType<typeof held>>[number]) {
    const { type, imdbId } = title
    const known = local().get(`${type} ${imdbId}`) ?? (await elsewhere?.known(imdbId))
    if (known && (naming === 'all' || isFreeLicence(known.licence))) return known
    return naming === 'all' ? namedByFile(title, fileName) : undefined
  }

  return {
    free(type, skip, signal) {
      const here = freeHere(type)
      const rest = Math.max(0, skip - here.length)
      return beside(type, here.slice(skip, skip + PAGE), (films) => films.list(rest, signal))
    },
    search(type, words, signal) {
      const wanted = plainName(words)
      if (wanted === '') return Promise.resolve({ titles: [], whole: true })
      const here = freeHere(type).filter(({ name }) => plainName(name).includes(wanted))
      return beside(type, here, (films) => films.search(words, signal))
    },
    async ready(type, skip) {
      const here = new Map<string, Awaited<ReturnType<typeof held>>[number]>()
      for (const item of await held()) {
        const { imdbId } = item.title
        // Of a series the episode that was watched last.
        if (item.title.type === type && !here.has(imdbId)) here.set(imdbId, item)
      }
      const named = await Promise.all([...here.values()].map(storedTitle))
      const titles = named.filter((title) => title !== undefined).filter(allowed)
      return { titles: titles.slice(skip, skip + PAGE), whole: true }
    },
    async find(type, imdbId, signal) {
      if (blocklist.hasTitle(imdbId)) return undefined
      const here = local().get(`${type} ${imdbId}`)
      if (here) return naming === 'all' || isFreeLicence(here.licence) ? here : undefined
      return type === 'movie' ? elsewhere?.find(imdbId, signal) : undefined
    },
  }
}

/** Stremio asks its own metadata for the rest; until then a viewer sees what the file is called. */
function namedByFile({ type, imdbId }: Title, fileName: string): CatalogueTitle {
  const facts = factsInName(fileName)
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
