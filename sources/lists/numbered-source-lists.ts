import { LRUCache } from 'lru-cache'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { jsonLength } from '../../cache/index/value-size.ts'
import { type Blocklist, emptyBlocklist } from '../../common/blocklist.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Owners } from '../../common/permits/owners.ts'
import { partQueue } from '../../common/permits/part-queue.ts'
import { noSecrets, type Secrets } from '../../common/secrets/secrets.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { type Title, titleId } from '../../common/title.ts'
import { nameSources } from '../matching/name-sources.ts'
import type { NameParser } from '../names/name-parser.ts'
import type { ProviderCall, Questions } from '../providers/shared/questions.ts'
import type { FilmPart, NumberedSource, Source, SourceProvider } from '../source.ts'
import { askedFor } from './asked-for.ts'
import { isBlocked, withoutBlockedHosts } from './blocked-source.ts'
import { FilmPartSources } from './film-part-sources.ts'
import { areDeferred, failedIn, LookUp, type LookUpOptions } from './look-up.ts'
import { isWhole, notRetired, pick } from './meant-source.ts'
import { type DirectUse, withoutSecrets } from './secret-source.ts'
import { isPlayable, type SourceListEntry } from './source-list-entry.ts'
import { SourceListStore } from './source-list-store.ts'
import type { SourceList, SourceLists } from './source-lists.ts'

export interface SourceListsDeps {
  /** In the order of a title's first numbers. */
  readonly providers: readonly SourceProvider[]
  readonly index: CacheIndex
  readonly parser: NameParser
  readonly clock: Clock
  readonly log: Log
  /** For each provider of one look-up. */
  readonly lookupTimeoutMs?: number
  /** How long a network provider's answer is used again by lists, and by plays of unknown sources. */
  readonly freshMs?: number
  /** How long an older answer is given at once, while the provider is asked again behind it. */
  readonly staleMs?: number
  readonly listDeadlineMs?: number
  /** How long a finished list is given again as it is, to many who ask at the same time. */
  readonly listCacheMs?: number
  readonly observe?: (call: ProviderCall) => void
  /** How the providers on the network are asked; without a budget unless given. */
  readonly questions?: Questions
  /** What is on it counts as retired for as long as it is. */
  readonly blocklist?: Blocklist
  /** What no list may show. */
  readonly secrets?: Secrets
  /** DIRECT; redirect unless given. */
  readonly direct?: DirectUse
}

const LOOKUP_TIMEOUT_MS = 8000
/**
 * People look at a list that loads, and clients show addons that are late as failed: half of the
 * time that a provider gets. What comes later stands in the next list.
 */
export const LIST_DEADLINE_MS = 4000
const FRESH_MS = 600_000
const STALE_MS = 3_600_000
const LIST_CACHE_MS = 1000
/** Sources of which the log has told that they are left out. */
const MAX_SAID = 500
/** Of all of them; the stream objects that were made of them stay as long as they do. */
const MAX_CACHED_BYTES = 8 * 2 ** 20
/** What a list and its stream objects take, for each byte of it as JSON. */
const BYTES_OF_JSON_BYTE = 4
/**
 * A source is "not found" after one fresh look-up; an answer this old is fresh enough for a play.
 */
const PLAY_FRESH_MS = 60_000

interface CachedList {
  readonly at: number
  readonly sourceList: SourceList
}

/** The append-only source list of every title (docs/decisions/0002-numbered-book.md). */
export const createSourceLists = (deps: SourceListsDeps): SourceLists & { close(): void } =>
  new NumberedSourceLists(deps)

class NumberedSourceLists implements SourceLists {
  readonly #deps: SourceListsDeps
  readonly #blocklist: Blocklist
  readonly #timeoutMs: number
  readonly #lookUp: LookUp
  readonly #store: SourceListStore
  readonly #flights = new SingleFlight<SourceList>({ whenAbandoned: 'finish' })
  readonly #cached = new LRUCache<string, CachedList>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ sourceList }) => BYTES_OF_JSON_BYTE * jsonLength(sourceList),
  })
  readonly #parts = new FilmPartSources()
  readonly #providerNames: ReadonlySet<string>
  /** By source key: what the log has told of already. */
  readonly #leftOut = new LRUCache<string, true>({ max: MAX_SAID })

  constructor(deps: SourceListsDeps) {
    const { providers, index, clock, log, observe, questions } = deps
    this.#deps = deps
    this.#blocklist = deps.blocklist ?? emptyBlocklist
    this.#timeoutMs = deps.lookupTimeoutMs ?? LOOKUP_TIMEOUT_MS
    const timeoutMs = this.#timeoutMs
    this.#lookUp = new LookUp({ providers, clock, log, timeoutMs, observe, questions })
    this.#store = new SourceListStore(index, clock, log)
    this.#providerNames = new Set(providers.map(({ name }) => name))
  }

  async list(
    title: Title,
    signal: AbortSignal,
    relayed = false,
    address?: string,
  ): Promise<SourceList> {
    const { clock, listCacheMs = LIST_CACHE_MS } = this.#deps
    const name = `${relayed ? 'relayed ' : ''}${titleId(title)}`
    const cached = this.#cached.get(name)
    if (cached && clock.steady() - cached.at < listCacheMs) return cached.sourceList
    this.#lookUp.alsoFor(title, address)
    return this.#flights.join(name, signal, async (shared) => {
      const options = { ...this.#listOptions(relayed), address }
      const sourceList = await this.#lookUp.for(title, address, async (owners) =>
        this.#named(title, await this.#ask(title, options, shared, owners), owners),
      )
      this.#cached.set(name, { at: clock.steady(), sourceList })
      return sourceList
    })
  }

  async recall(title: Title): Promise<SourceList | undefined> {
    const remembered = await this.#remembered(title)
    return remembered && this.#named(title, remembered)
  }

  /** A play of one source needs no names of the others. */
  async #remembered(title: Title): Promise<SourceList | undefined> {
    const id = titleId(title)
    const sourceList = await this.#flights.join(`recall ${id}`, undefined, async (shared) => {
      const entries = await this.#store.read(id, () => this.#lookUp.owned(title, shared))
      return this.#sourceListOf(title, entries ?? [], [])
    })
    return sourceList.sources.length > 0 ? sourceList : undefined
  }

  async resolve(
    title: Title,
    number: number,
    key: string | undefined,
    signal: AbortSignal,
    asker?: { readonly address?: string; askProviders(): Promise<void> },
  ): Promise<NumberedSource> {
    const remembered = await this.#remembered(title)
    signal.throwIfAborted()
    const known = remembered && pick(remembered, number, key)
    if (known && isWhole(known)) return notRetired(known)
    await asker?.askProviders()
    const fresh = await this.#search(title, signal, asker?.address)
    const found = pick(fresh, number, key)
    if (found && isWhole(found)) return notRetired(found)
    const asked = askedFor(title, this.#deps.providers)
    // A provider that is down, or was not asked, may be the one that knows it: that is no 404.
    const allFailed = asked.length > 0 && fresh.failed.length === asked.length
    if (allFailed || fresh.deferred) throw new Fault('PROVIDERS_FAILED')
    const available = fresh.sources.filter(({ listed, retired }) => listed && !retired).length
    if (fresh.sources.length === 0) throw new Fault('UNKNOWN_TITLE', { available })
    throw new Fault(key === undefined ? 'UNKNOWN_SOURCE' : 'SOURCE_GONE', { available })
  }

  async #named(title: Title, list: SourceList, owners?: Owners): Promise<SourceList> {
    return { ...list, sources: await nameSources(this.#deps.parser, title, list.sources, owners) }
  }

  learnParts(source: Source, parts: readonly FilmPart[]): void {
    if (this.#parts.learn(source, parts)) this.#cached.clear()
  }

  close(): void {
    this.#flights.close()
    this.#lookUp.close()
  }

  #listOptions(relayed: boolean): LookUpOptions {
    const { freshMs = FRESH_MS, staleMs = STALE_MS } = this.#deps
    return { deadlineMs: this.#deps.listDeadlineMs ?? LIST_DEADLINE_MS, freshMs, staleMs, relayed }
  }

  /** For a play: every provider has all of its time, and only fresh answers count. */
  #search(title: Title, signal: AbortSignal, address?: string): Promise<SourceList> {
    const freshMs = Math.min(this.#deps.freshMs ?? FRESH_MS, PLAY_FRESH_MS)
    const deadlineMs = this.#timeoutMs
    const options = { deadlineMs, freshMs, staleMs: 0, relayed: false, address }
    this.#lookUp.alsoFor(title, address)
    return this.#flights.join(`search ${titleId(title)}`, signal, (shared) =>
      this.#ask(title, options, shared),
    )
  }

  /** @throws Fault PROVIDERS_FAILED when all failed and nothing is remembered */
  async #ask(
    title: Title,
    options: LookUpOptions,
    signal: AbortSignal,
    owners?: Owners,
  ): Promise<SourceList> {
    const id = titleId(title)
    if (this.#blocklist.hasTitle(title.imdbId)) {
      return this.#sourceListOf(title, (await this.#store.read(id, async () => [])) ?? [], [])
    }
    const answers = this.#parts.added(await this.#lookUp.all(title, options, signal))
    const failed = failedIn(answers)
    // A large list is the work of milliseconds: those who play have their turn between its steps.
    await partQueue.next(owners)
    const entries = await this.#store.update(id, answers, owners)
    if (entries.length === 0 && failed.length > 0 && failed.length === answers.length) {
      throw new Fault('PROVIDERS_FAILED')
    }
    await partQueue.next(owners)
    return { ...this.#sourceListOf(title, entries, failed), deferred: areDeferred(answers) }
  }

  /**
   * Sources of a provider that is not set up here any more are not listed, but keep their numbers.
   */
  #sourceListOf(
    title: Title,
    entries: readonly SourceListEntry[],
    failed: readonly string[],
  ): SourceList {
    const { secrets = noSecrets, direct, log } = this.#deps
    const sources = entries.map(({ source: told, key, ...entry }, number) => {
      const { source, use } = withoutSecrets(secrets, told, direct)
      if (use === 'unfit' && !this.#leftOut.has(key)) {
        this.#leftOut.set(key, true)
        log.warn(
          { provider: source.provider, key },
          'left out: a playlist with a key cannot be relayed',
        )
      }
      const retired = entry.retired || use === 'unfit' || isBlocked(this.#blocklist, title, source)
      const isOurs = this.#providerNames.has(source.provider) && isPlayable(source)
      const listed = entry.listed && !retired && isOurs
      const relayed = use === 'relay' && { relayed: true }
      const allowed = withoutBlockedHosts(this.#blocklist, source)
      return { ...allowed, number, key, listed, retired, ...relayed }
    })
    return { sources, failed }
  }
}
