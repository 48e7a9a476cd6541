import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { bingeGroup } from '../../addon/binge-group.ts'
import type { FileStore } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { parseMetainfo } from '../../common/bittorrent/metainfo.ts'
import { systemClock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Outbound, OutboundStreams } from '../../common/network/outbound.ts'
import type { Title } from '../../common/title.ts'
import { createPlayer, type PlayerDeps } from '../../player/create-player.ts'
import type { BytesPlayable } from '../../player/files/playable.ts'
import type { Asker } from '../../player/jobs/viewer.ts'
import type { Player } from '../../player/player.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import type { FilmPart, Locator, NumberedSource, Selector, Source } from '../../sources/source.ts'
import { nearParser } from '../support/names.ts'
import { type BuiltTorrent, buildTorrent } from '../support/swarm/torrent.ts'
import { createFakeEngine, type FakeEngine } from './fake-engine.ts'
import {
  createFakeJanitor,
  createFakeStore,
  type FakeJanitor,
  type FakeStore,
} from './fake-store.ts'

export const movie: Title = { type: 'movie', imdbId: 'tt1254207' }
export const silent = pino({ level: 'silent' })
export const PIECE = 16 * 1024

/** Films of ten pieces, the last one short. */
export const film = (name: string, size = PIECE * 9 + 100): BuiltTorrent =>
  buildTorrent({ name: `${name}.mp4`, size, pieceLength: PIECE })

export const magnetOf = (torrent: BuiltTorrent): Locator => ({
  kind: 'magnet',
  infoHash: torrent.infoHash,
  trackers: ['http://tracker.example/announce'],
  webSeeds: [],
})

export function sourceOf(locator: Locator, number = 0, selector: Selector = {}): NumberedSource {
  const key = `key${number}`.padEnd(10, 'a')
  return { locator, selector, provider: 'test', number, key, listed: true, retired: false }
}

interface FakeSourceLists extends SourceLists {
  sources: NumberedSource[]
  readonly signals: AbortSignal[]
  /** What learnParts was told. */
  readonly learned: { readonly source: Source; readonly parts: readonly FilmPart[] }[]
  /** What resolve waits for. */
  gate: Promise<void>
}

function createFakeSourceLists(sources: NumberedSource[]): FakeSourceLists {
  const sourceLists: FakeSourceLists = {
    sources,
    signals: [],
    gate: Promise.resolve(),
    list: async () => ({ sources: sourceLists.sources, failed: [] }),
    recall: async () =>
      sourceLists.sources.length > 0 ? { sources: sourceLists.sources, failed: [] } : undefined,
    async resolve(_title, number, _key, signal) {
      sourceLists.signals.push(signal)
      await sourceLists.gate
      const source = sourceLists.sources.find((one) => one.number === number)
      if (!source) throw new Fault('UNKNOWN_SOURCE', { available: sourceLists.sources.length })
      return source
    },
    learnParts: (source, parts) => void sourceLists.learned.push({ source, parts }),
    learned: [],
  }
  return sourceLists
}

type Entries = Pick<CacheIndex, 'readValue' | 'writeValue'>
export interface FakeIndex extends CacheIndex {
  readonly entries: Map<string, { value: unknown; revision: number }>
  down: boolean
}

/** Values only: the player asks nothing else of the index. */
export function createFakeIndex(): FakeIndex {
  const entries: FakeIndex['entries'] = new Map()
  const up = () => {
    if (index.down) throw new Error('the index is down')
  }
  const some: Entries = {
    async readValue<T>(name: string) {
      up()
      return entries.get(name) as { value: T; revision: number } | undefined
    },
    async writeValue(name, value, expected) {
      up()
      if ((entries.get(name)?.revision ?? 0) !== expected) return false
      entries.set(name, { value, revision: expected + 1 })
      return true
    },
  }
  const index = { ...some, entries, down: false } as FakeIndex
  return index
}

function createFakeOutbound(answers: Record<string, Buffer> = {}) {
  const asked: string[] = []
  const outbound: Outbound & OutboundStreams & { asked: string[]; status: number } = {
    asked,
    status: 200,
    async get(url, { maxBytes, signal }) {
      asked.push(url)
      const body = answers[url]
      if (!body)
        return new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))
      if (body.length > maxBytes) throw new Fault('UPSTREAM_FAILED')
      const text = body.toString('latin1', 0, 7)
      if (text === 'magnet:') {
        return { status: 302, headers: { location: body.toString() }, body: Buffer.alloc(0), url }
      }
      return { status: outbound.status, headers: {}, body, url }
    },
    async open(url) {
      asked.push(url)
      const all = answers[url] ?? Buffer.alloc(0)
      const headers = { 'content-length': `${all.length}`, 'content-type': 'video/mp4' }
      return { status: 200, headers, body: Readable.from([all]) }
    },
    mayRedirect: (url) => url.startsWith('https://good.'),
  }
  return outbound
}

export interface Bench {
  readonly player: Player
  readonly engine: FakeEngine
  readonly store: FakeStore
  readonly janitor: FakeJanitor
  readonly sourceLists: FakeSourceLists
  readonly index: FakeIndex
  readonly outbound: ReturnType<typeof createFakeOutbound>
  /** A play; `leave` is the viewer closing the connection. */
  play(number?: number, asker?: Asker): { readonly playable: Promise<BytesPlayable>; leave(): void }
  /** Nothing is pinned, reserved, open, running or waiting. */
  isIdle(): boolean
}

export interface BenchOptions {
  readonly torrents?: readonly BuiltTorrent[]
  readonly sources?: NumberedSource[]
  readonly answers?: Record<string, Buffer>
  readonly lingerMs?: number
  readonly stallMs?: number
  readonly idleViewerMs?: number
  readonly reclaimAfterMs?: number
  readonly providerWaitMs?: number
  readonly playTimeoutMs?: number
  readonly hedgeDelayMs?: number
  readonly maxDownloads?: number
  readonly prewarm?: boolean
  readonly wantedFile?: PlayerDeps['wantedFile']
  /** The real ones instead of the fakes. */
  readonly real?: { store: FileStore; janitor: Janitor }
}

export function createBench(options: BenchOptions = {}): Bench {
  const torrents = options.torrents ?? [film('one')]
  const sources = options.sources ?? torrents.map((torrent, i) => sourceOf(magnetOf(torrent), i))
  const engine = createFakeEngine(torrents)
  const store = createFakeStore(torrents)
  const janitor = createFakeJanitor()
  const sourceLists = createFakeSourceLists(sources)
  const index = createFakeIndex()
  const outbound = createFakeOutbound(options.answers)
  const {
    lingerMs = 20,
    stallMs = 60_000,
    providerWaitMs = 60_000,
    playTimeoutMs = 60_000,
  } = options
  const player = createPlayer({
    ...{ sourceLists, index, engine, outbound, clock: systemClock, log: silent },
    ...{ store: options.real?.store ?? store, janitor: options.real?.janitor ?? janitor },
    config: {
      playTimeoutSeconds: playTimeoutMs / 1000,
      maxDownloads: options.maxDownloads ?? 16,
      maxRelays: 64,
      browser: 'off',
      direct: 'redirect',
      spreadAfter: 8,
      prewarm: options.prewarm ?? false,
      seeding: { ratio: 0, seconds: 0 },
      cache: { fill: 'whole' },
    },
    wantedFile:
      options.wantedFile ??
      (async (files, _title, selector) => selector.fileIdx ?? files.length - 1),
    parser: nearParser,
    validateMetainfo: async (bytes) => parseMetainfo(bytes, { maxLength: 10 ** 9 }),
    groupOf: bingeGroup,
    timing: {
      fetchAheadDelayMs: 1,
      downloadAgainMs: 5,
      lingerMs,
      stallMs,
      idleViewerMs: options.idleViewerMs ?? 60_000,
      reclaimAfterMs: options.reclaimAfterMs ?? 60_000,
      providerWaitMs,
      hedgeDelayMs: options.hedgeDelayMs ?? 60_000,
    },
  })
  return {
    ...{ player, engine, store, janitor, sourceLists, index, outbound },
    play(number = 0, asker) {
      const viewer = new AbortController()
      const request = { title: movie, number, sourceKey: undefined, asker, signal: viewer.signal }
      const playable = player.playback.play(request).then((made) => {
        if (made.kind !== 'bytes') throw new Error('a redirect')
        return made
      })
      playable.catch(() => {})
      return { playable, leave: () => viewer.abort(new Error('the viewer has gone')) }
    },
    isIdle() {
      const { active, arrivals } = player.status.stats
      const pinned = store.pins + store.partials + janitor.reserved
      const open = engine.opened.filter((one) => !one.closed).length
      return pinned + open + active + arrivals.running + arrivals.waiting === 0
    },
  }
}

/** A viewer of that address, who may do what they want. */
export const askerAt = (address: string): Asker => ({
  address,
  connection: {},
  startCold: async () => {},
  askProviders: async () => {},
})

/** Until it is so; the failure names what was waited for. */
export async function eventually(what: string, is: () => boolean, ms = 15_000): Promise<void> {
  for (let waited = 0; !is(); waited += 2) {
    if (waited >= ms) throw new Error(`not in ${ms} ms: ${what}`)
    await sleep(2)
  }
}

/** The bytes of a range, in reads of `chunk`. */
export async function drain(
  playable: BytesPlayable,
  start = 0,
  end = playable.size - 1,
  chunk = 5_000,
) {
  const reader = playable.read({ start, end })
  const parts: Buffer[] = []
  const buffer = Buffer.alloc(chunk)
  try {
    for (let n = await reader.read(buffer); n > 0; n = await reader.read(buffer)) {
      parts.push(Buffer.from(buffer.subarray(0, n)))
    }
  } finally {
    reader.close()
  }
  return Buffer.concat(parts)
}
