import { createEventLoopYield } from '../../common/permits/event-loop-yield.ts'
import { partsOfId, type Title } from '../../common/title.ts'
import type { Config } from '../../config/config.ts'
import type { CatalogueTitle } from '../../sources/free-films.ts'
import { plainName } from '../../sources/names/plain-name.ts'
import type { NamedTitle } from '../../sources/providers/catalogue/catalogue-titles.ts'
import type { CatalogTitles } from '../catalog-titles.ts'

export interface SearchParts {
  readonly config: Pick<Config, 'catalogs'>
  readonly blocklist: { hasTitle(imdbId: string): boolean }
  /** What the addon's catalogs may name. */
  readonly catalogTitles: Pick<CatalogTitles, 'search' | 'unknown' | 'find'>
  /** The operator's own catalogue, by `<type> <id>`. */
  readonly catalogue: { named(): ReadonlyMap<string, CatalogueTitle> }
}

export interface SearchViewer {
  readonly signal: AbortSignal
  /** The operator: titles of the own catalogue count too. */
  readonly isOperator: boolean
  /** Whose questions they are, where that is counted; asked before each list, and may refuse. */
  readonly asker?: { readonly address: string; askProviders(): Promise<void> } | undefined
}

/** Each is a list of sources of its own. */
const MOST_FOUND = 6
const MAX_WORDS = 100

/**
 * Titles that have the words in their names, or the one of an id. Everybody finds what the catalogs name to everybody,
 * the operator the own catalogue too. Of an id that they do not name it is the name.
 */
export async function searchTitles(
  parts: SearchParts,
  text: string,
  viewer: SearchViewer,
): Promise<readonly NamedTitle[]> {
  const { blocklist } = parts
  const asked = titleIn(text)
  if (asked) return blocklist.hasTitle(asked.imdbId) ? [] : [await named(parts, asked, viewer)]
  const words = text.slice(0, MAX_WORDS)
  const own = viewer.isOperator ? await ofCatalogue(parts, words) : []
  const others = parts.config.catalogs === 'off' ? [] : await ofCatalogs(parts, words, viewer)
  const found = new Map<string, NamedTitle>()
  for (const { type, imdbId, name, episodes } of [...own, ...others]) {
    const [season, episode] = episodes[0] ?? [1, 1]
    const title: Title =
      type === 'movie' ? { type, imdbId } : { type: 'series', imdbId, season, episode }
    if (!found.has(imdbId)) found.set(imdbId, { title, name: nameOf(name, title) })
  }
  return [...found.values()].slice(0, MOST_FOUND)
}

/** Of a season the first episode stands for it. */
function titleIn(text: string): Title | undefined {
  const id = partsOfId(text)
  if (!id) return undefined
  const { imdbId, season, episode = 1 } = id
  return season === undefined
    ? { type: 'movie', imdbId }
    : { type: 'series', imdbId, season, episode }
}

async function named(
  { catalogue, catalogTitles, config }: SearchParts,
  title: Title,
  { isOperator, signal, asker }: SearchViewer,
): Promise<NamedTitle> {
  const { type, imdbId } = title
  const own = isOperator ? catalogue.named().get(`${type} ${imdbId}`) : undefined
  const isAsked = own === undefined && config.catalogs !== 'off'
  // Its sources may be there although nobody knows what it is called.
  const found = isAsked
    ? await catalogTitles.find(type, imdbId, signal, asker?.address).catch(() => undefined)
    : undefined
  signal.throwIfAborted()
  const known = own ?? found
  return { title, name: nameOf(known?.name ?? imdbId, title) }
}

const nameOf = (name: string, title: Title): string =>
  title.type === 'movie' ? name : `${name}, season ${title.season} episode ${title.episode}`

/** Others have their turns meanwhile. */
async function ofCatalogue(
  { catalogue, blocklist }: SearchParts,
  words: string,
): Promise<CatalogueTitle[]> {
  const wanted = plainName(words)
  const found: CatalogueTitle[] = []
  if (wanted === '') return found
  const pause = createEventLoopYield()
  for (const title of catalogue.named().values()) {
    if (found.length >= MOST_FOUND) break
    const paused = pause()
    if (paused) await paused
    if (plainName(title.name).includes(wanted) && !blocklist.hasTitle(title.imdbId))
      found.push(title)
  }
  return found
}

async function ofCatalogs(
  { catalogTitles }: SearchParts,
  words: string,
  { signal, asker }: SearchViewer,
): Promise<CatalogueTitle[]> {
  const types = ['movie', 'series'] as const
  const pages = await Promise.all(
    types.flatMap((type) => [
      catalogTitles.search(type, words, signal, asker?.address),
      catalogTitles.unknown(type, 0, words),
    ]),
  )
  return pages.flatMap(({ titles }) => titles)
}
