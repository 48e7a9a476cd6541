import type { CatalogueTitle } from '../sources/free-films.ts'
import { type CatalogPage, type CatalogTitles, PAGE } from './catalog-titles.ts'
import type { HandlerArgs } from './sdk-builder.ts'

/** Docs: stremio-addon-sdk docs/api/responses/meta.md, "Meta Preview object". */
export interface MetaPreview {
  readonly id: string
  readonly type: 'movie' | 'series'
  readonly name: string
  readonly poster: string
  readonly posterShape: 'poster'
  readonly releaseInfo?: string
  readonly description?: string
}

export interface MetaList {
  readonly metas: readonly MetaPreview[]
  /** Seconds. */
  readonly cacheMaxAge: number
  readonly staleError?: number
}

/**
 * Seconds. What is ready changes with every play, the library with its folders; what is free, with the archive's
 * download counts.
 */
const READY_AGE = 60
const LIBRARY_AGE = 60
const FREE_AGE = 3600
const PARTIAL_AGE = 60
const MAX_WORDS = 100
const MAX_SKIP = 100_000

/** The `catalog` resource. Never an error: clients hide an empty row, but show a failing addon. */
export function createCatalogsHandler(titles: CatalogTitles) {
  return async ({ type, id, extra, config }: HandlerArgs): Promise<MetaList> => {
    const { baseUrl, signal, address } = config
    const skip = skipOf(extra.skip)
    if (skip === undefined) return { metas: [], cacheMaxAge: FREE_AGE }
    if (id === 'playlink-ready') {
      return { ...metasOf(await titles.ready(type, skip), baseUrl), cacheMaxAge: READY_AGE }
    }
    if (id === 'playlink-library') {
      const words = extra.search?.slice(0, MAX_WORDS)
      const page = await titles.unknown(type, skip, words)
      return { ...metasOf(page, baseUrl), cacheMaxAge: LIBRARY_AGE }
    }
    if (id !== 'playlink-free') return { metas: [], cacheMaxAge: FREE_AGE }
    const words = extra.search?.slice(0, MAX_WORDS)
    const page =
      words === undefined
        ? await titles.free(type, skip, signal, address)
        : // A search has one page of results.
          skip >= PAGE
          ? { titles: [], whole: true }
          : await titles.search(type, words, signal, address)
    const ages = page.whole
      ? { cacheMaxAge: FREE_AGE, staleError: 86_400 }
      : { cacheMaxAge: PARTIAL_AGE }
    return { ...metasOf(page, baseUrl), ...ages }
  }
}

function skipOf(text: string | undefined): number | undefined {
  if (text === undefined) return 0
  const skip = Number(text)
  return /^\d+$/.test(text) && skip <= MAX_SKIP ? skip : undefined
}

const metasOf = ({ titles }: CatalogPage, baseUrl: string) => ({
  metas: titles.map((title) => metaPreview(title, baseUrl)),
})

/** All posters are ours: an image on another server would tell it who looks at which film. */
export function metaPreview(title: CatalogueTitle, baseUrl: string): MetaPreview {
  const { imdbId, type, name, year } = title
  const description = describe(title)
  return {
    id: imdbId,
    type,
    name,
    poster: `${baseUrl}/assets/poster.png`,
    posterShape: 'poster',
    ...(year === undefined ? {} : { releaseInfo: String(year) }),
    ...(description === '' ? {} : { description }),
  }
}

const describe = ({ description, licence }: CatalogueTitle): string =>
  [description, licence === undefined ? '' : `Licence: ${licence}`].filter(Boolean).join('\n\n')
