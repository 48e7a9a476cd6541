import { setTimeout as sleep } from 'node:timers/promises'
import express from 'express'
import { pino } from 'pino'
import type { DiskState, Freed } from '../../cache/limits/janitor.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { Fault } from '../../common/errors.ts'
import type { DownloadView } from '../../player/downloads/download-view.ts'
import type { PlayRequest } from '../../player/files/play-request.ts'
import type { HeadAnswer, Playable } from '../../player/files/playable.ts'
import type { Player } from '../../player/player.ts'
import { createNextEpisodePredictor } from '../../player/prefetch/next-episode-predictor.ts'
import { type AdminRules, createAdmins } from '../../server/admin/admin-guard.ts'
import { viewOf } from '../../server/admin/history-point.ts'
import type { LiveLine } from '../../server/admin/live-facts.ts'
import type { LivePace } from '../../server/admin/live-route.ts'
import { type AppParts, createApp } from '../../server/app.ts'
import { createLifecycle } from '../../server/http/lifecycle.ts'
import { type Listening, serve } from '../../server/http/listen.ts'
import { createClientAddress, createProxyCheck } from '../../server/http/trusted-proxy.ts'
import type { LimitFigures } from '../../server/limits/limit-kinds.ts'
import { Limits } from '../../server/limits/limits.ts'
import { createMetrics } from '../../server/metrics/metrics.ts'

/** Bytes whose value tells where they are, so that a shifted body cannot pass. */
export function patterned(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + (i >> 16)) & 255
  return bytes
}

export interface FakeFile {
  readonly playable: Extract<Playable, { kind: 'bytes' }>
  readonly counts: { opened: number; closed: number; released: number; read: number }
}

export interface FakeFileOptions {
  readonly name?: string
  readonly etag?: string
  /** Milliseconds each read waits. */
  readonly readMs?: number
  /** Most bytes one read gives. */
  readonly most?: number
  /** Thrown by the read that would pass this offset. */
  readonly failAt?: number
  readonly fault?: unknown
  /** The range ends here, too early. */
  readonly shortAt?: number
}

/** A file in memory that counts what is opened, closed, released and read. */
export function fakeFile(bytes: Buffer, options: FakeFileOptions = {}): FakeFile {
  const counts = { opened: 0, closed: 0, released: 0, read: 0 }
  function read({ start, end }: ByteRange): ByteReader {
    counts.opened++
    let at = start
    const closed = new AbortController()
    return {
      async read(into) {
        if (options.readMs) await sleep(options.readMs, undefined, { signal: closed.signal })
        if (closed.signal.aborted) throw new Error('closed')
        if (options.failAt !== undefined && at >= options.failAt) throw options.fault
        const stop = Math.min(end + 1, options.shortAt ?? bytes.length)
        const n = Math.min(into.length, stop - at, options.most ?? into.length)
        bytes.copy(into, 0, at, at + n)
        at += n
        counts.read += n
        return n
      },
      close() {
        counts.closed++
        closed.abort()
      },
    }
  }
  const playable: FakeFile['playable'] = {
    kind: 'bytes',
    from: 'disk',
    name: options.name ?? 'film.mp4',
    size: bytes.length,
    etag: options.etag ?? '"abc-0"',
    read,
    release() {
      counts.released++
    },
  }
  return { playable, counts }
}

export interface TestServer extends Listening {
  readonly lines: Record<string, unknown>[]
  /** What the player was asked, in order. */
  readonly asked: { verb: 'play' | 'look'; request: PlayRequest }[]
  readonly lifecycle: ReturnType<typeof createLifecycle>
  readonly cleared: { times: number }
  stop(): void
}

export interface TestServerOptions {
  readonly play?: (request: PlayRequest) => Promise<Playable>
  readonly look?: (request: PlayRequest) => Promise<HeadAnswer>
  readonly choose?: Player['auto']['choose']
  readonly guess?: Player['auto']['guess']
  readonly subtitle?: Player['subtitles']['text']
  /** None: BROWSER=off. */
  readonly films?: Player['browserFilms']
  readonly hasSubtitle?: Player['subtitles']['isKnown']
  readonly subtitleTracks?: Player['subtitles']['listed']
  readonly prefetch?: Player['prefetch']
  readonly config?: Partial<AppParts['config'] & Omit<AdminRules, 'fileToken'>>
  readonly undrainedMs?: number
  readonly graceMs?: number
  readonly headersMs?: number
  readonly addonRoutes?: express.Router
  readonly access?: AppParts['access']
  readonly cluster?: AppParts['cluster']
  readonly storedPieces?: Player['storedPieces']
  readonly fetchAhead?: Player['fetchAhead']
  readonly pages?: express.Router
  /** Connections that one address may have. */
  readonly connections?: number
  readonly report?: AppParts['cacheReport']
  readonly history?: AppParts['history']
  readonly settings?: AppParts['settings']
  readonly examine?: AppParts['examine']
  readonly disk?: Partial<DiskState>
  readonly live?: LivePace
  /** For each address; without them nothing is counted. */
  readonly limits?: LimitFigures
  readonly arrivals?: readonly DownloadView[]
  /** What is wrong with providers, by name. */
  readonly troubles?: LiveLine['troubles']
  readonly progress?: Player['status']['progress']
  readonly downloadAhead?: Partial<Player['downloadAhead']>
  readonly store?: Partial<AppParts['store']>
}

const DISK = {
  usedBytes: 10,
  maxBytes: 100,
  configuredBytes: 100,
  segmentBytes: 0,
  reservedBytes: 0,
  freeOnVolumeBytes: 1000,
}
const FREED: Freed = { files: 2, bytes: 7, keptInUse: 1 }

/** Of the file that `npm run cache` reads. */
export const FILE_TOKEN = 'a-token-of-a-file-with-0600'

/** The real app on a real loopback server, over fakes. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const lines: Record<string, unknown>[] = []
  const asked: TestServer['asked'] = []
  const cleared = { times: 0 }
  const root = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const clock = { wall: () => Date.now(), steady: () => performance.now() }
  const lifecycle = createLifecycle(clock)
  const metrics = createMetrics(async () => ({ playlink_cache_files: 3 }))
  const limits =
    options.limits &&
    new Limits({
      figures: options.limits,
      clientAddress: createClientAddress(options.config?.trustProxy),
      isProxy: createProxyCheck(options.config?.trustProxy),
      limited: metrics.limited,
      clock,
      log: root.child({ name: 'limits' }),
      logIp: options.config?.logIp ?? 'short',
    })
  const unknown = async (): Promise<never> => {
    throw new Fault('UNKNOWN_TITLE')
  }
  const config = {
    trustProxy: undefined,
    publicUrl: undefined,
    adminToken: undefined,
    errorClip: false,
    production: false,
    logIp: 'short' as const,
    ...options.config,
  }
  const app = createApp({
    config,
    access: options.access,
    cluster: options.cluster,
    questions: { troubles: () => new Map(Object.entries(options.troubles ?? {})) },
    admins: createAdmins({ ...config, fileToken: FILE_TOKEN }),
    player: {
      status: {
        downloads: () => options.arrivals ?? [],
        firstBytes: () => [{ ms: 12, from: 'disk' }],
        starts: () => [],
        progress: options.progress ?? (async () => ({ stage: 'idle' })),
      },
      auto: { choose: options.choose ?? unknown, guess: options.guess ?? unknown },
      browserFilms: options.films,
      ...(options.storedPieces && { storedPieces: options.storedPieces }),
      ...(options.fetchAhead && { fetchAhead: options.fetchAhead }),
      subtitles: {
        text: options.subtitle ?? unknown,
        isKnown: options.hasSubtitle ?? (async () => false),
        listed: options.subtitleTracks ?? (async () => []),
      },
      downloadAhead: {
        add: () => 1,
        stop: () => false,
        pause: () => false,
        resume: () => false,
        views: () => [],
        ...options.downloadAhead,
      },
      prefetch: options.prefetch ?? createNextEpisodePredictor(async () => true, clock.steady),
      playback: {
        play(request) {
          asked.push({ verb: 'play', request })
          return (options.play ?? unknown)(request)
        },
        head(request) {
          asked.push({ verb: 'look', request })
          return (options.look ?? unknown)(request)
        },
      },
    },
    outbound: { mayRedirect: (url) => /^https?:\/\/[^@\r\n]{1,2000}$/.test(url) },
    addonRoutes: options.addonRoutes ?? express.Router(),
    pages: options.pages ?? express.Router(),
    cacheReport: options.report ?? {
      stats: async () => ({ status: 'ok' }),
      config: async () => ({ config: {} }),
    },
    settings: options.settings ?? [],
    examine: options.examine ?? (async () => []),
    history: options.history ?? { view: viewOf(new Map(), 0) },
    janitor: {
      async clear() {
        cleared.times++
        return FREED
      },
      disk: async () => ({ ...DISK, ...options.disk }),
    },
    store: { records: () => [], setKeep: async () => false, ...options.store },
    lifecycle,
    clock,
    metrics,
    limits,
    log: (name) => root.child({ name }),
    live: { everyMs: 20, ...options.live },
    ...(options.undrainedMs === undefined ? {} : { undrainedMs: options.undrainedMs }),
  })
  const listening = await serve({
    app,
    lifecycle,
    host: '127.0.0.1',
    port: 0,
    graceMs: options.graceMs ?? 5000,
    ...(options.connections !== undefined && {
      caps: { perAddress: options.connections, isProxy: () => false, reached() {} },
    }),
    log: root.child({ name: 'http' }),
    ...(options.headersMs === undefined ? {} : { headersMs: options.headersMs }),
  })
  lifecycle.serve()
  const stop = (): void => {
    listening.destroy()
    metrics.close()
    limits?.close()
  }
  return { ...listening, lines, asked, lifecycle, cleared, stop }
}
