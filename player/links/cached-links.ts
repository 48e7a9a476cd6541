import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type StoredEntry, storedEntry } from '../../cache/index/stored-entry.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type FileKey, fileEtag, fileKey } from '../../common/bittorrent/file-key.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import { nextHops } from '../../common/network/loop-header.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import type { FetchableFile } from '../files/fetchable-file.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable, HeadAnswer } from '../files/playable.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { addressOf, type Link, type LinkClient } from '../relay/link-client.ts'
import { type LinkFacts, nameWithType } from '../relay/relay-answer.ts'
import type { LinkSpec } from './link-engine.ts'

/** What opens files of the cache, and downloads them. */
interface FileOpener {
  openExisting(key: FileKey, viewer: Viewer): Promise<BytesPlayable | undefined>
  openOrFetch(fetchable: FetchableFile, viewer: Viewer): Promise<BytesPlayable>
}

export interface CachedLinkParts {
  readonly links: LinkClient
  readonly fileBytes: FileOpener
  readonly store: Pick<FileStore, 'stored'>
  readonly index: CacheIndex
  readonly cluster?: Pick<Cluster, 'expectNoHolder'> | undefined
  readonly log: Log
}

/** A link as a file of the cache. */
interface CachedLink {
  readonly link: Link
  readonly facts: LinkFacts
  readonly key: FileKey
  readonly name: string
}

const PIECE_BYTES = 1 << 20
/** Of larger files, so that no more than some ten thousand pieces are counted. */
const LARGE_PIECE_BYTES = 4 << 20
const LARGE_BYTES = 16 * 2 ** 30
const REMEMBERED_MS = 30 * 24 * 3600 * 1000
/** In memory. */
const MOST_KEYS = 10_000
/** Enough to tell whether it is a text. */
const LOOK_BYTES = 16 << 10
/** A server that is slow to answer keeps nobody waiting for what is here. */
const ANSWER_MS = 2000

/** Others may write to the index too: a value of another shape counts as absent. */
const factsShape = z.object({
  size: z.int().positive(),
  etag: z.string().regex(/^"[\x21\x23-\x7e]{0,1000}"$/),
  type: z.string().max(200),
})

/**
 * Links as files of the cache (DIRECT=cache, docs/decisions/0042): named by address, strong validator and size, so that
 * another file at the same address is another one here. Fetched once, however many watch; limits, eviction, pins and
 * other nodes as for any file.
 */
export class CachedLinks {
  readonly #parts: CachedLinkParts
  readonly #keys = new LRUCache<string, FileKey>(atMost(MOST_KEYS))
  readonly #stored: StoredEntry<string, z.infer<typeof factsShape>>

  constructor(parts: CachedLinkParts) {
    this.#parts = parts
    this.#stored = storedEntry({
      index: parts.index,
      key: (url: string) => `link:${createHash('sha256').update(url).digest('hex')}`,
      shape: factsShape,
      ttlMs: REMEMBERED_MS,
    })
  }

  /** The file of a link as it was last asked for, from memory; undefined for other sources too. */
  peek({ locator }: Pick<Source, 'locator'>): FileKey | undefined {
    return locator.kind === 'url' ? this.#keys.get(locator.url) : undefined
  }

  /** Reads back what the index remembers of links that are not in memory. Never rejects. */
  async recall(sources: readonly Pick<Source, 'locator'>[]): Promise<void> {
    const unknown = sources.flatMap(({ locator }) =>
      locator.kind === 'url' && !this.#keys.has(locator.url) ? [locator.url] : [],
    )
    await Promise.all(unknown.map((url) => this.#recall(url)))
  }

  head(source: NumberedSource): HeadAnswer | undefined {
    const url = addressOf(source)
    const facts = this.#parts.links.known(url)
    if (!facts || !isFile(facts)) return undefined
    const key = keyOf(url, facts)
    return { kind: 'bytes', name: nameOf(source, facts), size: facts.size, etag: fileEtag(key) }
  }

  /**
   * Its key is told as soon as it is known. Undefined: the other server sends no parts, or has no strong validator.
   * @throws Fault as Relay.open and FileBytes.openOrFetch; FetchedElsewhere another node has it
   */
  async open(
    source: NumberedSource,
    request: PlayRequest,
    viewer: Viewer,
    found: (key: FileKey) => void,
  ): Promise<BytesPlayable | undefined> {
    const hops = nextHops(request.hops)
    if (hops === undefined) return undefined
    const link = { url: addressOf(source), source, hops }
    const facts = await this.#factsOf(link, viewer)
    if (!isFile(facts)) return undefined
    const { fileBytes, cluster } = this.#parts
    const key = keyOf(link.url, facts)
    this.#keys.set(link.url, key)
    found(key)
    const existing = await fileBytes.openExisting(key, viewer)
    if (existing) return existing
    if (!request.handed) await cluster?.expectNoHolder(key)
    const cached = { link, facts, key, name: nameOf(source, facts) }
    return fileBytes.openOrFetch(this.#fetchable(cached), viewer)
  }

  #fetchable({ link, facts, key, name }: CachedLink): FetchableFile {
    const { links } = this.#parts
    const { size } = facts
    const pieceLength = size > LARGE_BYTES ? LARGE_PIECE_BYTES : PIECE_BYTES
    const infoHash = key.slice(0, key.indexOf('/'))
    const spec: LinkSpec = {
      ...{ infoHash, trackers: [], webSeeds: [] },
      openBody: (from, signal) => links.openSame(link, facts, { from }, signal),
    }
    const layout = { pieceLength, torrentLength: size, offset: 0, size }
    return { key, infoHash, fileIdx: 0, name, layout, spec }
  }

  /** What it is: known, asked for, or, where the other server fails and the file is here, as it was. */
  async #factsOf(link: Link, viewer: Viewer): Promise<LinkFacts> {
    const { links } = this.#parts
    const known = links.known(link.url)
    if (known) return known
    const before = await this.#recall(link.url)
    await viewer.startCold()
    const asking = this.#ask(link, viewer.signal)
    asking.catch(() => {})
    try {
      const soon = before ? [sleep(ANSWER_MS, before, { signal: viewer.signal })] : []
      const answer = Promise.race([asking, ...soon])
      return await viewer.wait(answer, () => 'NO_FIRST_BYTE')
    } catch (error) {
      if (before && error instanceof Fault && error.code === 'UPSTREAM_FAILED') return before
      throw error
    }
  }

  /** Its first bytes tell whether it is a text. */
  async #ask(link: Link, signal: AbortSignal): Promise<LinkFacts> {
    const { links, log } = this.#parts
    const { facts, body } = await links.ask(link, { from: 0, to: LOOK_BYTES - 1 }, signal)
    body.destroy()
    links.remember(link.url, facts)
    const { data } = factsShape.safeParse(facts)
    const remembering = data && this.#stored.update(link.url, () => data)
    remembering?.catch((err: unknown) => log.debug({ err }, 'the index did not take a value'))
    return facts
  }

  /** As it was when it was last asked for, if that file is here. */
  async #recall(url: string): Promise<LinkFacts | undefined> {
    try {
      const { value } = await this.#stored.load(url)
      if (!value) return undefined
      const facts = { ...value, ranged: true }
      const key = keyOf(url, facts)
      this.#keys.set(url, key)
      return this.#parts.store.stored(key) ? facts : undefined
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }
}

/** Whether parts of it belong together for sure. */
const isFile = ({ ranged, etag, size }: LinkFacts): boolean =>
  ranged && etag !== undefined && size > 0

const nameOf = (source: NumberedSource, { type }: LinkFacts): string =>
  nameWithType(source.filename ?? '', type)

/** The same on every node. */
function keyOf(url: string, { etag, size }: LinkFacts): FileKey {
  return fileKey(createHash('sha1').update(`${url}\n${etag}\n${size}`).digest('hex'), 0)
}
