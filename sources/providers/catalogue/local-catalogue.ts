import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { type Title, titleId } from '../../../common/title.ts'
import type { CatalogueTitle } from '../../free-films.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { createCatalogueFiles } from './catalogue-files.ts'
import type { DeclaredTitle } from './catalogue-format.ts'
import { type CatalogueIndex, NO_CATALOGUES, orderCatalogues } from './catalogue-index.ts'
import { isWebPlace, localPlace, webPlace } from './catalogue-load.ts'
import { type CatalogueLocation, createCatalogueLocation } from './catalogue-location.ts'
import { CatalogueParser } from './catalogue-parser.ts'
import type { DeclaredSource } from './catalogue-source.ts'
import { type NamedTitle, namedTitles } from './catalogue-titles.ts'

export interface LocalCatalogueDeps {
  /** Files, folders or URLs; their order is the order of a title's first numbers. */
  readonly locations: readonly string[]
  readonly outbound: Outbound
  readonly clock: Clock
  readonly log: Log
  /** Largest torrent a .torrent file may describe, in bytes. */
  /** How often files and folders are checked, beside the system's notices of changes. */
  readonly pollMs?: number
  readonly debounceMs?: number
  readonly webPollMs?: number
}

/** The operator's own catalogues; sources that they do not name any more are retired. */
export interface LocalCatalogue extends SourceProvider {
  /** Reads every location once, then again whenever one changes. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
  /** The first titles that the catalogues name, a series by its first episodes; as last read. */
  titles(limit: number): readonly NamedTitle[]
  /** All of them, in the order of the catalogues, by `<type> <id>`; as they were last read. */
  named(): ReadonlyMap<string, CatalogueTitle>
}

const NAME = 'catalogue'
/** Larger torrents are refused, whatever a .torrent file says. */
const TEBIBYTE = 2 ** 40

export const createLocalCatalogue = (deps: LocalCatalogueDeps): LocalCatalogue =>
  new PolledCatalogue(deps)

class PolledCatalogue implements LocalCatalogue {
  readonly name = NAME
  readonly authority = 'owned'
  readonly #files = createCatalogueFiles(TEBIBYTE)
  readonly #parser = new CatalogueParser()
  readonly #locations: readonly CatalogueLocation[]
  #started: Promise<void> | undefined
  /** Of the locations as they were last read. */
  #index = NO_CATALOGUES
  #ordering: Promise<void> = Promise.resolve()
  /** The next ordering, while it has not begun. */
  #queued: Promise<void> | undefined

  constructor(deps: LocalCatalogueDeps) {
    this.#locations = deps.locations.map((location) => this.#locationAt(location, deps))
  }

  start(): Promise<void> {
    this.#started ??= Promise.all(this.#locations.map((location) => location.refresh())).then(
      () => {
        for (const location of this.#locations) location.watch()
      },
    )
    return this.#started
  }

  // Arrow functions: both are handed on without this object.
  titles = (limit: number): readonly NamedTitle[] =>
    namedTitles(this.#index.declared.values(), limit)

  named = (): ReadonlyMap<string, CatalogueTitle> => this.#index.named

  async find(title: Title): Promise<readonly Source[]> {
    // Before the first reading an empty answer would retire what the operator still owns.
    await this.start()
    const declared = declaredFor(this.#index, title)
    const located = declared.map(([source, root]) => {
      return this.#files.locate(source, root, NAME).catch(absent)
    })
    return (await Promise.all(located)).filter((source) => source !== undefined)
  }

  async close(): Promise<void> {
    const parsing = this.#parser.close()
    await Promise.all(this.#locations.map((location) => location.close()))
    await Promise.all([parsing, this.#started])
  }

  #locationAt(location: string, deps: LocalCatalogueDeps): CatalogueLocation {
    const { clock, log, outbound, debounceMs = 250 } = deps
    const web = isWebPlace(location)
    return createCatalogueLocation({
      place: web ? webPlace(location, outbound, this.#parser) : localPlace(location, this.#parser),
      files: this.#files,
      clock,
      log,
      pollMs: web ? (deps.webPollMs ?? 300_000) : (deps.pollMs ?? 5000),
      debounceMs,
      changed: () => this.#orderAnew(),
    })
  }

  /** However many locations change meanwhile, they are put in order once more. */
  #orderAnew(): Promise<void> {
    this.#queued ??= this.#ordering.then(() => {
      this.#queued = undefined
      this.#ordering = this.#order()
      return this.#ordering
    })
    return this.#queued
  }

  async #order(): Promise<void> {
    const readings = this.#locations.flatMap(({ reading }) => reading?.catalogues ?? [])
    this.#index = await orderCatalogues(readings)
  }
}

/** A file that is not good now is not listed now; the log told the operator when it was read. */
function absent(error: unknown): Source | undefined {
  if (error instanceof ValidationError || (error instanceof Error && 'code' in error))
    return undefined
  throw error
}

/** What the catalogues say of a title, each with its catalogue's folder. */
function declaredFor(
  { declared }: CatalogueIndex,
  title: Title,
): [source: DeclaredSource, root: string | undefined][] {
  const entries = declared.get(`${title.type} ${title.imdbId}`) ?? []
  return entries.flatMap(([entry, { root }]) =>
    declaredIn(entry, title).map((source): [DeclaredSource, string | undefined] => [source, root]),
  )
}

function declaredIn(entry: DeclaredTitle, title: Title): readonly DeclaredSource[] {
  if (title.type === 'movie') return entry.sources
  const episode = titleId(title).slice(title.imdbId.length + 1)
  const packs = entry.packs.filter(({ seasons }) => seasons.includes(title.season))
  return [...(entry.episodes.get(episode) ?? []), ...packs.map(({ source }) => source)]
}
