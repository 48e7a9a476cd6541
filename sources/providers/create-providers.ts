import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { LOOP_HEADER, OWN_LOOP_ID } from '../../common/network/loop-header.ts'
import type { Outbound } from '../../common/network/outbound.ts'
import type { Title } from '../../common/title.ts'
import type { Config } from '../../config/config.ts'
import { type AnimeIds, createAnimeIds } from '../anime/anime-ids.ts'
import { type FreeFilms, isLibraryId, type UnknownTitles } from '../free-films.ts'
import type { FindTitleFacts, TitleFacts } from '../matching/titles/title-facts.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { SourceProvider } from '../source.ts'
import { createUpstreamAddon } from './addons/upstream-addon.ts'
import { createArchive } from './archive/archive.ts'
import { createArchiveApi } from './archive/archive-api.ts'
import { createArchiveCatalog } from './archive/archive-catalog.ts'
import { createArchiveFilms } from './archive/archive-films.ts'
import { forCatalogs } from './archive/archive-for-catalogs.ts'
import { createArchiveIds } from './archive/archive-ids.ts'
import type { LocalCatalogue } from './catalogue/local-catalogue.ts'
import { createFeed } from './feeds/feed.ts'
import { openLibrary } from './library/library.ts'
import { networkPlaces } from './network-places.ts'
import { createTitleNames } from './shared/cinemeta.ts'
import { nameInTime } from './shared/name-in-time.ts'
import type { Questions } from './shared/questions.ts'
import { createTorznab } from './torznab/torznab.ts'

export interface NetworkProviders {
  /** In the order of a title's first numbers. */
  readonly providers: readonly SourceProvider[]
  /** Undefined when the archive is switched off. */
  readonly freeFilms: FreeFilms | undefined
  readonly anime: AnimeIds
  /** Undefined without a library, or when catalogs may not name what is in it. */
  readonly unknownFiles: UnknownTitles | undefined
  /** What is known of a title within three seconds. Never rejects. */
  readonly titleFacts: FindTitleFacts
  /** Loads the stored entries of the feeds and the table of anime ids, and begins to poll them. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface NetworkProviderDeps {
  /** Its names and years are used before the metadata server is asked. */
  readonly catalogue: Pick<LocalCatalogue, 'named'>
  readonly config: Pick<Config, 'providers' | 'publicUrl' | 'catalogs' | 'animeIds'>
  readonly outbound: Outbound
  readonly questions: Questions
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly parser: NameParser
  readonly clock: Clock
  readonly log: Log
}

/** Every provider that the operator set up, except the local catalogue. The library is scanned at once. */
export function createNetworkProviders(deps: NetworkProviderDeps): NetworkProviders {
  const { clock, index, parser, log } = deps
  const { archiveUrl, cinemetaUrl } = deps.config.providers
  const { outbound, questions } = deps
  const shared = { outbound, clock }
  const names = createTitleNames({
    base: cinemetaUrl,
    index,
    questions,
    own: (title) => namedIn(title, deps.catalogue, library?.unknown),
    ...shared,
  })
  const known = { names, parser, log, ...shared }
  const closing = new AbortController()
  const { catalogs } = deps.config
  const { library: folders } = deps.config.providers
  const factsOf = (title: Title, signal: AbortSignal) => nameInTime(names, title, signal)
  const library =
    folders.length === 0
      ? undefined
      : openLibrary({ folders, factsOf, isNamed: catalogs === 'all', parser, clock, log })
  const api = archiveUrl === undefined ? undefined : createArchiveApi(archiveUrl, outbound)
  const { asked, polled } = namedServers(deps, known)
  const ids = createArchiveIds(index, clock)
  // A question of a list has its turn already; one for a catalog has to wait for its own.
  const own = api && { films: createArchiveFilms(api), ids }
  const archive = api ? [createArchive(api, names, own)] : []
  const titleFacts: FindTitleFacts = (title) =>
    nameInTime(names, title, closing.signal).catch(() => undefined)
  const { animeIds: path } = deps.config
  const anime = createAnimeIds({ path, factsOf: titleFacts, log })
  const films = api && createArchiveFilms(forCatalogs(api, { questions, clock }))
  return {
    providers: [...(library ? [library] : []), ...archive, ...asked, ...polled],
    titleFacts,
    anime,
    unknownFiles: library?.unknown,
    freeFilms: films && createArchiveCatalog(films, ids),
    start: async () => void (await Promise.all([anime, ...polled].map((one) => one.start()))),
    async close() {
      closing.abort(new Error('closed'))
      names.close()
      await Promise.all([library, anime, ...polled].map((one) => one?.close()))
    },
  }
}

/** Those that the settings name by their addresses. */
function namedServers(
  { config, index }: NetworkProviderDeps,
  known: Omit<Parameters<typeof createFeed>[0], 'name' | 'url' | 'index'>,
) {
  const { addons, torznab, feeds } = config.providers
  const called = networkPlaces(config.providers).map(({ name }) => name)
  const take = (): string => called.shift() ?? ''
  const { publicUrl } = config
  const loopHeaders = { [LOOP_HEADER]: OWN_LOOP_ID }
  const asked = [
    ...addons.map((manifestUrl) =>
      createUpstreamAddon({ name: take(), manifestUrl, loopHeaders, publicUrl, ...known }),
    ),
    ...torznab.map((url) => createTorznab({ name: take(), url, ...known })),
  ]
  return {
    asked,
    polled: feeds.map((url) => createFeed({ name: take(), url, index, ...known })),
  }
}

async function namedIn(
  { type, imdbId }: Title,
  catalogue: Pick<LocalCatalogue, 'named'>,
  unknown: UnknownTitles | undefined,
): Promise<TitleFacts | undefined> {
  const { name, year } = catalogue.named().get(`${type} ${imdbId}`) ?? {}
  if (name !== undefined && year !== undefined) return { name, year }
  const file = isLibraryId(imdbId) ? await unknown?.find(type, imdbId) : undefined
  return file && { name: file.name, year: file.year }
}
