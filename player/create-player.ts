import type { FileStore } from '../cache/disk/file-store.ts'
import type { CacheIndex } from '../cache/index/cache-index.ts'
import type { Janitor } from '../cache/limits/janitor.ts'
import { type Blocklist, emptyBlocklist } from '../common/blocklist.ts'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Outbound } from '../common/network/outbound.ts'
import type { Title } from '../common/title.ts'
import type { Config } from '../config/config.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { Source } from '../sources/source.ts'
import type { TorrentEngine } from '../torrent/protocol/torrent-engine.ts'
import { createAuto } from './auto/auto.ts'
import { createAutoChoices } from './auto/auto-choices.ts'
import { createDownloads } from './downloads/downloads.ts'
import { awaitKnown } from './files/await-known.ts'
import type { WantedFile } from './files/fetchable-file.ts'
import { createKnownFiles } from './files/known-files.ts'
import type { PlayRequest } from './files/play-request.ts'
import type { Playable } from './files/playable.ts'
import { createVideoHashes } from './files/video-hashes.ts'
import { watchPlayable } from './files/watched-playable.ts'
import { createPermits } from './jobs/permits.ts'
import { createViewer } from './jobs/viewer.ts'
import { createTorrentMetadata, type MetainfoValidator } from './metadata/torrent-metadata.ts'
import { createFileBytes } from './play/file-bytes.ts'
import { createHead, recallStored, stateOf } from './play/head.ts'
import { createPlay } from './play/play.ts'
import { createFailures, createProgress } from './play/play-progress.ts'
import { createRecentPlays } from './play/recent-plays.ts'
import { createStoredTitles } from './play/stored-titles.ts'
import type { Player } from './player.ts'
import { createFetchAhead, type FetchAheadParts } from './prefetch/fetch-ahead.ts'
import { createNextEpisodePredictor } from './prefetch/next-episode-predictor.ts'
import { createSubtitles } from './subtitles/subtitles.ts'
import { createPlayCounter } from './trace/play-stats.ts'
import { createRecentFirstBytes } from './trace/recent-first-bytes.ts'

export interface PlayerDeps {
  /** Nothing is blocked unless given. */
  readonly blocklist?: Blocklist
  readonly sourceLists: SourceLists
  readonly store: FileStore
  readonly index: CacheIndex
  readonly janitor: Pick<Janitor, 'reserve'>
  readonly engine: TorrentEngine
  readonly outbound: Outbound
  readonly config: Pick<Config, 'playTimeoutSeconds' | 'maxDownloads' | 'prewarm'> & {
    readonly cache: Pick<Config['cache'], 'fill'>
  }
  readonly clock: Clock
  readonly log: Log
  readonly wantedFile: WantedFile
  readonly validateMetainfo: MetainfoValidator
  readonly groupOf: FetchAheadParts['groupOf']
  /** Milliseconds; tests shorten them. */
  readonly timing?: {
    readonly lingerMs?: number
    readonly stallMs?: number
    readonly providerWaitMs?: number
    readonly hedgeDelayMs?: number
    readonly fetchAheadDelayMs?: number
  }
}

/** After the last viewer left: long enough for a player that closes one range and opens the next. */
const LINGER_MS = 5_000
const STALL_MS = 30_000
const PROVIDER_WAIT_MS = 1_000
/** A reader that waits longer for its next bytes stands still: a player has seconds in hand. */
const STANDSTILL_MS = 250
/** How long "Auto" waits for a source before it tries the next beside it. */
const HEDGE_DELAY_MS = 8_000
/** Between the start of a play and the fetching of what may come after it. */
const FETCH_AHEAD_DELAY_MS = 2_000
/** Torrents that ask peers for their metadata at once; and how many wait, there and for a download. */
const MAX_COLD_STARTS = 4
const MAX_WAITING = 16

/** Puts the parts of a play together; the steps themselves are in play.ts. */
export function createPlayer(deps: PlayerDeps): Player {
  const { config, clock } = deps
  const {
    lingerMs = LINGER_MS,
    stallMs = STALL_MS,
    providerWaitMs = PROVIDER_WAIT_MS,
  } = deps.timing ?? {}
  const metadataPermits = createPermits({ max: MAX_COLD_STARTS, waitingMax: MAX_WAITING })
  const permits = createPermits({ max: config.maxDownloads, waitingMax: MAX_WAITING })
  const blocklist = deps.blocklist ?? emptyBlocklist
  const gate = deps.validateMetainfo
  const metadata = createTorrentMetadata({
    ...deps,
    blocklist,
    gate,
    permits: metadataPermits,
    lingerMs,
  })
  const hashes = createVideoHashes(deps)
  const downloads = createDownloads({
    ...{ ...deps, fill: config.cache.fill, permits, lingerMs },
    published: (key) => void hashes.compute(key),
  })
  const knownFiles = createKnownFiles(deps)
  const fileBytes = createFileBytes({ ...deps, downloads, stallMs })
  const recentPlays = createRecentPlays(clock)
  const storedTitles = createStoredTitles(deps)
  const parts = {
    ...{
      ...deps,
      blocklist,
      recentPlays,
      knownFiles,
      metadata,
      downloads,
      fileBytes,
      hashes,
      providerWaitMs,
    },
    storedTitles,
  }
  const subtitles = createSubtitles(parts)
  const steps = createPlay(parts)
  const head = createHead(parts)
  const state = (title: Title, source: Source) => stateOf(parts, title, source)
  const fetchAhead = createFetchAhead({
    ...{ ...parts, state },
    fetchAheadDelayMs: deps.timing?.fetchAheadDelayMs ?? FETCH_AHEAD_DELAY_MS,
  })
  const prefetch = createNextEpisodePredictor(fetchAhead.nextEpisode, clock.steady)
  const auto = createAuto({
    ...{ ...parts, steps, state },
    choices: createAutoChoices(deps),
    timeoutMs: config.playTimeoutSeconds * 1000,
    hedgeDelayMs: deps.timing?.hedgeDelayMs ?? HEDGE_DELAY_MS,
  })
  const counter = createPlayCounter()
  const firstBytes = createRecentFirstBytes()
  const failures = createFailures()
  let draining = false

  async function play(request: PlayRequest): Promise<Playable> {
    if (draining) throw new Fault('DRAINING')
    counter.asked()
    const since = clock.steady()
    const viewer = createViewer(request.signal, config.playTimeoutSeconds * 1000, clock)
    try {
      const playable = await steps(request, viewer)
      failures.forget(request)
      if (playable.kind === 'redirect') return playable
      counter.began(playable.from)
      const { trace } = request
      const arrived = () => {
        const times = playable.times?.()
        trace?.doneAt('peer', times?.peer)
        trace?.doneAt('piece', times?.piece)
      }
      const watched = watchPlayable(playable, request.signal, {
        firstByte() {
          const ms = clock.steady() - since
          counter.firstByte(ms)
          arrived()
          trace?.done('byte')
          firstBytes.add(ms, playable.from, trace)
        },
        noFirstByte(error) {
          arrived()
          failures.note(request, error)
        },
        waited(ms) {
          if (ms >= STANDSTILL_MS) trace?.stalled(ms)
        },
        ended: counter.ended,
      })
      // Gone while the last step ran: what it took has just gone back.
      request.signal.throwIfAborted()
      return watched
    } catch (error) {
      if (!request.signal.aborted) failures.note(request, error)
      throw error
    } finally {
      viewer.end()
    }
  }

  return {
    play,
    async head(request) {
      if (draining) throw new Fault('DRAINING')
      return head(request)
    },
    async choose(request) {
      if (draining) throw new Fault('DRAINING')
      return auto.choose(request)
    },
    guess: auto.guess,
    ready: storedTitles.list,
    recall: (title, sources) => recallStored(parts, title, sources),
    known: (title, sources, wait) => awaitKnown(knownFiles, title, sources, wait),
    subtitles: subtitles.tracks,
    hasSubtitle: subtitles.isKnown,
    async subtitle(request) {
      if (draining) throw new Fault('DRAINING')
      const viewer = createViewer(request.signal, config.playTimeoutSeconds * 1000, clock)
      try {
        return await subtitles.text(request, viewer)
      } finally {
        viewer.end()
      }
    },
    state,
    prefetch: {
      ...prefetch,
      listRequested(address, title) {
        if (config.prewarm) void fetchAhead.firstSource(title)
        prefetch.listRequested(address, title)
      },
    },
    get stats() {
      return {
        ...counter.stats,
        arrivals: {
          running: permits.running,
          waiting: permits.waiting + metadataPermits.waiting,
          max: permits.max,
          bytesPerSecond: downloads.bytesPerSecond,
        },
      }
    },
    downloads: downloads.views,
    firstBytes: firstBytes.list,
    starts: firstBytes.starts,
    progress: createProgress(parts, failures),
    async close() {
      draining = true
      const reason = new Fault('DRAINING')
      const guesses = fetchAhead.close(reason)
      await metadata.close(reason)
      await downloads.close(reason)
      await guesses
    },
  }
}
