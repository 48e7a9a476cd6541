import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Title } from '../../../common/title.ts'
import type { Verdict } from '../../matching/verdict.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME, type ParsedName } from '../../names/parsed-name.ts'
import { createPoller, type Poller } from '../../polling/poller.ts'
import type { Source, SourceProvider } from '../../source.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { MAX_ANSWER_BYTES, REQUEST_MS, reasonOf, refusal } from '../shared/foreign-answer.ts'
import { isOneFile, judged } from '../shared/judged-names.ts'
import { nameInTime } from '../shared/name-in-time.ts'
import { torrentPlace } from '../shared/torrent-link.ts'
import { xmlText } from '../shared/xml.ts'
import { type FeedEntry, parseFeed } from './feed-format.ts'
import { FeedStore } from './feed-store.ts'

export interface FeedDeps {
  readonly name: string
  /** May hold a passkey. */
  readonly url: string
  readonly outbound: Outbound
  readonly names: TitleNames
  readonly parser: NameParser
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  readonly log: Log
  readonly pollMs?: number
}

/** Answers from its stored entries; for a title only the metadata server is asked. */
export interface Feed extends SourceProvider {
  /** Loads the stored entries, and begins to poll. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

const POLL_MS = 900_000

/** An RSS or Atom feed: its entries of the last 30 days, matched by their names. */
export const createFeed = (deps: FeedDeps): Feed => new PolledFeed(deps)

class PolledFeed implements Feed {
  readonly name: string
  readonly authority = 'network'
  readonly requests = 0
  readonly #deps: FeedDeps
  readonly #url: string
  readonly #store: FeedStore
  readonly #closing = new AbortController()
  /** Of the last whole answer (RFC 9110 13.1): an unchanged feed is not sent again. */
  #validators: Readonly<Record<string, string>> = {}
  /** It asked to be left alone until then, steady-clock milliseconds. */
  #restUntil = Number.NEGATIVE_INFINITY
  /** Why the last poll brought nothing; undefined when it did. */
  #failure: unknown
  /** The last answer had nothing usable, which the log has told. */
  #isIdle = false
  #firstPoll: Promise<void> | undefined
  #polling: Promise<void> | undefined
  #poller: Poller | undefined
  /** What the titles of the entries say: read when they come, not when somebody asks. */
  #parsed: ReadonlyMap<string, ParsedName> = new Map()

  constructor(deps: FeedDeps) {
    const url = new URL(deps.url)
    url.hash = '' // the provider's name, as the operator wrote it
    this.#url = url.href
    this.#deps = deps
    this.name = deps.name
    this.#store = new FeedStore(this.#url, deps.index)
  }

  async start(): Promise<void> {
    const { clock, pollMs = POLL_MS } = this.#deps
    const poll = () => this.#poll()
    await this.#store.load(clock.wall())
    this.#firstPoll = poll()
    this.#poller = createPoller({ folder: undefined, pollMs: () => pollMs, debounceMs: 0, poll })
  }

  async find(title: Title, signal: AbortSignal): Promise<readonly Source[]> {
    await this.#firstPoll
    const { entries } = this.#store
    // A failing feed without a single entry cannot say that the title is not in it.
    if (entries.length === 0 && this.#failure) {
      throw new Fault('UPSTREAM_FAILED', {}, { cause: this.#failure })
    }
    if (entries.length === 0) return []
    const facts = await nameInTime(this.#deps.names, title, signal)
    if (!facts) return []
    const { outbound, log } = this.#deps
    const named = this.#store.entries.map((entry) => {
      return { ...entry, parsed: this.#parsed.get(entry.title) ?? NO_NAME }
    })
    return judged(named, { provider: this.name, title, facts, log }, () => 'name').flatMap(
      (entry) => sourcesOf(entry, this.name, outbound),
    )
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed'))
    this.#poller?.close()
    await this.#firstPoll
  }

  /** One at a time: the second poll sends what the first one was told of the feed's version. */
  #poll(): Promise<void> {
    this.#polling ??= this.#tryRead()
      .then(() => this.#readNames())
      .finally(() => {
        this.#polling = undefined
      })
    return this.#polling
  }

  async #tryRead(): Promise<void> {
    const { clock } = this.#deps
    if (clock.steady() < this.#restUntil) return
    try {
      await this.#read()
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
      const seconds = error instanceof Fault ? (error.details.retryAfterSeconds ?? 0) : 0
      this.#restUntil = clock.steady() + seconds * 1000
      if (this.#closing.signal.aborted) return
      this.#deps.log.warn({ provider: this.name, reason: reasonOf(error) }, 'feed not read')
    }
  }

  async #readNames(): Promise<void> {
    const titles = this.#store.entries.map((entry) => entry.title)
    const parsed = await this.#deps.parser.releases(titles)
    this.#parsed = new Map(titles.map((title, at) => [title, parsed[at] ?? NO_NAME]))
  }

  async #read(): Promise<void> {
    const { outbound, clock, log } = this.#deps
    const answer = await outbound.get(this.#url, {
      signal: this.#closing.signal,
      timeoutMs: REQUEST_MS,
      maxBytes: MAX_ANSWER_BYTES,
      headers: this.#validators,
    })
    if (answer.status === 304) return
    if (answer.status !== 200) throw refusal(answer)
    const entries = await parseFeed(xmlText(answer), clock.wall(), this.#url)
    if (entries.length === 0 && !this.#isIdle) {
      log.warn({ provider: this.name }, 'a feed names no torrent and no video')
    }
    this.#isIdle = entries.length === 0
    await this.#store.add(entries, clock.wall())
    const { etag, 'last-modified': modified } = answer.headers
    this.#validators = {
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(modified !== undefined && { 'if-modified-since': modified }),
    }
  }
}

function sourcesOf(
  entry: FeedEntry & { readonly verdict: Verdict },
  provider: string,
  outbound: Outbound,
): readonly Source[] {
  const facts = {
    selector: {},
    provider,
    label: entry.title,
    ...(entry.size !== undefined && isOneFile(entry.verdict) && { size: entry.size }),
    ...(entry.seeders !== undefined && { seeders: entry.seeders }),
  }
  const links = { infoHash: entry.infoHash, links: entry.links, entry: `${provider}\n${entry.id}` }
  const torrent = torrentPlace(links, outbound.mayRedirect)
  const direct = entry.videos
    .filter((url) => outbound.mayRedirect(url))
    .map((url): Source => ({ ...facts, locator: { kind: 'url', url } }))
  return torrent ? [{ ...facts, ...torrent }, ...direct] : direct
}
