import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Title } from '../../../common/title.ts'
import { isOneEpisode, isReleaseOf } from '../../matching/title-names.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { holdsSecret } from '../../source-key.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { MAX_ANSWER_BYTES, REQUEST_MS, reasonOf, refusal } from '../shared/foreign-answer.ts'
import { createPoller, type Watch } from '../shared/poller.ts'
import { torrentPlace } from '../shared/torrent-link.ts'
import { xmlText } from '../shared/xml.ts'
import { type FeedEntry, parseFeed } from './feed-format.ts'
import { createFeedStore } from './feed-store.ts'

export interface FeedDeps {
  readonly name: string
  /** May hold a passkey. */
  readonly url: string
  readonly outbound: Outbound
  readonly names: TitleNames
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  readonly log: Log
  readonly pollMs?: number
}

/** Answers from what the polls brought; asks nobody for a title but the metadata server. */
export interface Feed extends SourceProvider {
  /** Takes what was kept, and begins to poll. Never rejects. */
  start(): Promise<void>
  close(): Promise<void>
}

const POLL_MS = 900_000

/** An RSS or Atom feed: its entries of 30 days, matched by their names. */
export function createFeed(deps: FeedDeps): Feed {
  const { name, outbound, names, index, clock, log, pollMs = POLL_MS } = deps
  const address = new URL(deps.url)
  address.hash = ''
  const store = createFeedStore(address.href, index)
  const ended = new AbortController()
  /** Of the last whole answer (RFC 9110 13.1): an unchanged feed is not sent again. */
  let validators: Readonly<Record<string, string>> = {}
  let failure: unknown
  let polled: Promise<void> | undefined
  let watch: Watch | undefined

  async function poll(): Promise<void> {
    const answer = await outbound.get(address.href, {
      signal: ended.signal,
      timeoutMs: REQUEST_MS,
      maxBytes: MAX_ANSWER_BYTES,
      headers: validators,
    })
    if (answer.status === 304) return
    if (answer.status !== 200) throw refusal(answer)
    await store.add(parseFeed(xmlText(answer), clock.wall()), clock.wall())
    const { etag, 'last-modified': modified } = answer.headers
    validators = {
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(modified !== undefined && { 'if-modified-since': modified }),
    }
  }

  async function look(): Promise<void> {
    try {
      await poll()
      failure = undefined
    } catch (error) {
      failure = error
      if (!ended.signal.aborted)
        log.warn({ provider: name, reason: reasonOf(error) }, 'feed not read')
    }
  }

  return {
    name,
    authority: 'network',
    async start() {
      await store.load(clock.wall())
      polled = look()
      watch = createPoller({ folder: undefined, pollMs: () => pollMs, debounceMs: 0, poll: look })
    },
    async find(title, signal) {
      await polled
      // With nothing at all one cannot say that there is nothing.
      if (store.entries.length === 0 && failure) {
        throw new Fault('UPSTREAM_FAILED', {}, { cause: failure })
      }
      if (store.entries.length === 0) return []
      const facts = await names.find(title, signal)
      if (!facts) return []
      return store.entries
        .filter((entry) => isReleaseOf(entry.title, title, facts))
        .flatMap((entry) => sourcesOf(entry, title, name, outbound))
    },
    async close() {
      ended.abort(new Error('closed'))
      watch?.close()
      await polled
    },
  }
}

function sourcesOf(
  entry: FeedEntry,
  title: Title,
  provider: string,
  outbound: Outbound,
): readonly Source[] {
  const sized = entry.size !== undefined && (title.type === 'movie' || isOneEpisode(entry.title))
  const facts = {
    selector: {},
    provider,
    label: entry.title,
    ...(sized && { size: entry.size }),
    ...(entry.seeders !== undefined && { seeders: entry.seeders }),
  }
  const links = { infoHash: entry.infoHash, links: entry.links, entry: `${provider}\n${entry.id}` }
  const torrent = torrentPlace(links, outbound.mayRedirect)
  const direct = entry.videos
    // A redirect shows its address to the viewer.
    .filter((url) => outbound.mayRedirect(url) && !holdsSecret(url))
    .map((url): Source => ({ ...facts, locator: { kind: 'url', url } }))
  return torrent ? [{ ...facts, ...torrent }, ...direct] : direct
}
