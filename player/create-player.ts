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
import type { WantedFile } from './files/content.ts'
import type { PlayRequest } from './files/play-request.ts'
import type { Playable } from './files/playable.ts'
import { createRememberedContents } from './files/remembered-contents.ts'
import { createVideoHashes } from './files/video-hashes.ts'
import { watchPlayable } from './files/watched-playable.ts'
import { createTurns } from './jobs/turns.ts'
import { createViewer } from './jobs/viewer.ts'
import { createTorrentMetadata, type MetainfoValidator } from './metadata/torrent-metadata.ts'
import { createContentBytes } from './play/content-bytes.ts'
import { createHeldTitles } from './play/held-titles.ts'
import { createLook, recallHeld, stateOf } from './play/look.ts'
import { createPlay } from './play/play.ts'
import { createFailures, createProgress } from './play/play-progress.ts'
import { createRecentContents } from './play/recent-contents.ts'
import type { Player } from './player.ts'
import { createForesight, type ForesightParts } from './prefetch/foresight.ts'
import { createPrefetch } from './prefetch/prefetch.ts'
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
  readonly config: Pick<Config, 'playTimeoutSeconds' | 'maxArrivals' | 'prewarm'> & {
    readonly cache: Pick<Config['cache'], 'fill'>
  }
  readonly clock: Clock
  readonly log: Log
  readonly wantedFile: WantedFile
  readonly validateMetainfo: MetainfoValidator
  readonly groupOf: ForesightParts['groupOf']
  /** Milliseconds; tests shorten them. */
  readonly timing?: {
    readonly keepMs?: number
    readonly stallMs?: number
    readonly lookMs?: number
    readonly patienceMs?: number
    readonly delayMs?: number
  }
}

/** After the last viewer left: long enough for a player that closes one range and opens the next. */
const KEEP_MS = 5_000
const STALL_MS = 30_000
const LOOK_MS = 1_000
/** A reader that waits longer for its next bytes stands still: a player has seconds in hand. */
const STANDSTILL_MS = 250
/** How long "Auto" waits for a source before it tries the next beside it. */
const PATIENCE_MS = 8_000
/** Between the start of a play and the fetching of what may come after it. */
const DELAY_MS = 2_000
/** Torrents that ask peers for their metadata at once; and how many wait, there and for a download. */
const MAX_COLD_STARTS = 4
const MAX_WAITING = 16

/** Puts the parts of a play together; the steps themselves are in play.ts. */
export function createPlayer(deps: PlayerDeps): Player {
  const { config, clock } = deps
  const { keepMs = KEEP_MS, stallMs = STALL_MS, lookMs = LOOK_MS } = deps.timing ?? {}
  const cold = createTurns({ max: MAX_COLD_STARTS, waitingMax: MAX_WAITING })
  const turns = createTurns({ max: config.maxArrivals, waitingMax: MAX_WAITING })
  const blocklist = deps.blocklist ?? emptyBlocklist
  const gate = deps.validateMetainfo
  const metadata = createTorrentMetadata({ ...deps, blocklist, gate, turns: cold, keepMs })
  const hashes = createVideoHashes(deps)
  const downloads = createDownloads({
    ...{ ...deps, fill: config.cache.fill, turns, keepMs },
    published: (key) => void hashes.compute(key),
  })
  const remembered = createRememberedContents(deps)
  const contents = createContentBytes({ ...deps, downloads, stallMs })
  const recent = createRecentContents(clock)
  const heldTitles = createHeldTitles(deps)
  const parts = {
    ...{ ...deps, blocklist, recent, remembered, metadata, downloads, contents, hashes, lookMs },
    heldTitles,
  }
  const subtitles = createSubtitles(parts)
  const steps = createPlay(parts)
  const look = createLook(parts)
  const state = (title: Title, source: Source) => stateOf(parts, title, source)
  const foresight = createForesight({
    ...{ ...parts, state },
    delayMs: deps.timing?.delayMs ?? DELAY_MS,
  })
  const prefetch = createPrefetch(foresight.next, clock.steady)
  const auto = createAuto({
    ...{ ...parts, steps, state },
    choices: createAutoChoices(deps),
    timeoutMs: config.playTimeoutSeconds * 1000,
    patienceMs: deps.timing?.patienceMs ?? PATIENCE_MS,
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
      return look(request)
    },
    async choose(request) {
      if (draining) throw new Fault('DRAINING')
      return auto.choose(request)
    },
    guess: auto.guess,
    ready: heldTitles.list,
    recall: (title, sources) => recallHeld(parts, title, sources),
    known: (title, sources, wait) => awaitKnown(remembered, title, sources, wait),
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
      listed(address, title) {
        if (config.prewarm) void foresight.first(title)
        prefetch.listed(address, title)
      },
    },
    get stats() {
      return {
        ...counter.stats,
        arrivals: {
          running: turns.running,
          waiting: turns.waiting + cold.waiting,
          max: turns.max,
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
      const guesses = foresight.close(reason)
      await metadata.close(reason)
      await downloads.close(reason)
      await guesses
    },
  }
}
