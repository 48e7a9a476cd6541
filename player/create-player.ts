import type { FileStore } from '../cache/disk/file-store.ts'
import type { CacheIndex } from '../cache/index/cache-index.ts'
import type { Janitor } from '../cache/limits/janitor.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { type Blocklist, emptyBlocklist } from '../common/blocklist.ts'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Outbound, OutboundStreams } from '../common/network/outbound.ts'
import type { Config } from '../config/config.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { FindTitleFacts } from '../sources/matching/titles/title-facts.ts'
import { wantedFile } from '../sources/matching/wanted-file.ts'
import type { NameParser } from '../sources/names/name-parser.ts'
import type { TorrentEngine } from '../torrent/protocol/torrent-engine.ts'
import { createAuto } from './auto/auto.ts'
import { createAutoChoices } from './auto/auto-choices.ts'
import { FilmsForBrowsers } from './browser/browser-films.ts'
import { createFilms } from './browser/create-films.ts'
import { createDownloads } from './downloads/downloads.ts'
import { EvictionAllowances } from './downloads/eviction-allowances.ts'
import { onlyHere } from './elsewhere/anywhere.ts'
import { withHandOver } from './elsewhere/hand-over.ts'
import { Spread } from './elsewhere/spread.ts'
import { createStoredPieces } from './elsewhere/stored-pieces.ts'
import type { FindWantedFile } from './files/fetchable-file.ts'
import { createKnownFiles } from './files/known-files.ts'
import type { PlayRequest } from './files/play-request.ts'
import { createVideoHashes } from './files/video-hashes.ts'
import type { Viewer } from './jobs/viewer.ts'
import { CachedLinks } from './links/cached-links.ts'
import { withLinks } from './links/link-engine.ts'
import type { MetainfoValidator } from './metadata/torrent-lookup.ts'
import { TorrentMetadata } from './metadata/torrent-metadata.ts'
import { createAvailability } from './play/availability.ts'
import { ChosenFiles } from './play/chosen-files.ts'
import { FileBytes } from './play/file-bytes.ts'
import { headOf } from './play/head.ts'
import { LocalFiles } from './play/local-files.ts'
import { openPlayable } from './play/play.ts'
import { PlayFailures } from './play/play-failures.ts'
import { createPlayback } from './play/playback.ts'
import { RecentPlays } from './play/recent-plays.ts'
import { createStoredTitles } from './play/stored-titles.ts'
import type { Player } from './player.ts'
import { createPermits } from './player-permits.ts'
import { type PlayerTiming, playerTiming } from './player-timing.ts'
import { AheadQueue } from './prefetch/download-ahead.ts'
import { FetchAhead, type FetchAheadParts } from './prefetch/fetch-ahead.ts'
import {
  createNextEpisodePredictor,
  type NextEpisodePredictor,
} from './prefetch/next-episode-predictor.ts'
import { lookInto } from './prefetch/wish-source.ts'
import { LinkClient } from './relay/link-client.ts'
import { Relay } from './relay/relay.ts'
import { Seeding } from './seeding/seeding.ts'
import { createStatus } from './status.ts'
import { createSubtitles } from './subtitles/subtitles.ts'
import { MeasuredPlays } from './trace/measured-plays.ts'
import { PlayCounter } from './trace/play-counter.ts'
import { RecentFirstBytes } from './trace/recent-first-bytes.ts'

export interface PlayerDeps {
  /** Nothing is blocked unless given. */
  readonly blocklist?: Blocklist
  readonly sourceLists: SourceLists
  readonly store: FileStore
  readonly index: CacheIndex
  readonly janitor: Pick<Janitor, 'reserve' | 'couldFit' | 'segments'>
  readonly engine: TorrentEngine
  /** Where several nodes share one index. */
  readonly cluster?: Cluster | undefined
  readonly outbound: Outbound & OutboundStreams
  readonly config: Pick<
    Config,
    | 'playTimeoutSeconds'
    | 'browser'
    | 'direct'
    | 'maxDownloads'
    | 'maxRelays'
    | 'spreadAfter'
    | 'prewarm'
    | 'seeding'
  > & {
    readonly cache: Pick<Config['cache'], 'fill'>
  }
  readonly clock: Clock
  readonly log: Log
  readonly parser: NameParser
  /** Where names of files alone do not tell which one a title means. */
  readonly network?: { readonly titleFacts: FindTitleFacts }
  /** Tests give their own. */
  readonly wantedFile?: FindWantedFile
  readonly validateMetainfo: MetainfoValidator
  readonly groupOf: FetchAheadParts['groupOf']
  /** Tests shorten them. */
  readonly timing?: Partial<PlayerTiming>
}

/** Puts the parts of a play together; the steps themselves are in play/play.ts. */
export function createPlayer(deps: PlayerDeps): Player {
  const { clock, config, cluster } = deps
  const draining = new AbortController()
  const timeoutMs = config.playTimeoutSeconds * 1000
  const parts = { ...createFileParts(deps), draining: draining.signal, timeoutMs }
  const counter = new PlayCounter()
  const firstBytes = new RecentFirstBytes()
  const failures = new PlayFailures()
  const openHere = (request: PlayRequest, viewer: Viewer) => openPlayable(parts, request, viewer)
  const spread = cluster && new Spread({ ...parts, cluster, spreadAfter: config.spreadAfter })
  const open = spread ? withHandOver({ ...parts, cluster, spread }, openHere) : openHere
  const chosenFiles = new ChosenFiles({ ...parts, wantedFile: deps.wantedFile })
  const watched = createFilms(deps)
  const localFiles = new LocalFiles()
  const films = watched?.films
  const availability = createAvailability({ ...parts, chosenFiles, localFiles, films })
  const availabilityOf = availability.of
  const choices = createAutoChoices(deps)
  const seeding = new Seeding({ ...parts, goal: config.seeding })
  const ahead = { ...parts, availabilityOf }
  const fetchAhead = new FetchAhead({ ...ahead, delayMs: parts.fetchAheadDelayMs })
  const downloadAhead = new AheadQueue({ ...ahead, againMs: parts.downloadAgainMs })
  const head = (request: PlayRequest) => headOf(parts, request)
  const playback = createPlayback({ ...parts, open, head, counter, firstBytes, failures })
  const browserFilms = watched && new FilmsForBrowsers({ ...watched, playback })
  return {
    playback,
    browserFilms,
    auto: createAuto({ ...parts, open, availabilityOf, choices }),
    availability,
    storedTitles: parts.storedTitles,
    subtitles: createSubtitles({ ...parts, embedded: watched?.embedded }),
    storedPieces: createStoredPieces(deps.store, cluster?.counts),
    fetchAhead,
    downloadAhead,
    lookInto: (magnet, signal) => onlyHere(() => lookInto(parts, magnet, signal)),
    prefetch: createPrefetch(fetchAhead, clock, config.prewarm),
    status: createStatus({ ...parts, counter, firstBytes, failures, browserFilms }),
    async close() {
      const reason = new Fault('DRAINING')
      draining.abort(reason)
      await Promise.all([watched?.media.close(), parts.measured.close()])
      const fetchedAhead = [fetchAhead.close(reason), downloadAhead.close(reason)]
      await seeding.close()
      await parts.metadata.close(reason)
      await parts.downloads.close(reason)
      await Promise.all(fetchedAhead)
    },
  }
}

const findsWantedFile =
  ({ parser, network }: PlayerDeps): FindWantedFile =>
  (files, title, selector, torrent) =>
    wantedFile(parser, files, title, selector, torrent, network?.titleFacts)

/** What finds, fetches and reads files, from the bottom up. */
function createFileParts(given: PlayerDeps) {
  const { config, clock, outbound } = given
  const keepsLinks = config.direct === 'cache'
  const deps = keepsLinks ? { ...given, engine: withLinks(given.engine) } : given
  const blocklist = deps.blocklist ?? emptyBlocklist
  const timing = playerTiming(deps.timing)
  const { lingerMs } = timing
  const { metadataPermits, downloadPermits } = createPermits(timing, config.maxDownloads)
  const hashes = createVideoHashes(deps)
  const allowances = new EvictionAllowances(clock)
  const downloads = createDownloads({
    ...deps,
    fill: config.cache.fill,
    permits: downloadPermits,
    allowances,
    lingerMs,
    published: (key) => void hashes.compute(key),
  })
  const links = new LinkClient(outbound, clock)
  const fileBytes = new FileBytes({ ...deps, ...timing, downloads, allowances })
  return {
    ...deps,
    ...timing,
    blocklist,
    wantedFile: deps.wantedFile ?? findsWantedFile(deps),
    metadataPermits,
    downloadPermits,
    hashes,
    downloads,
    metadata: new TorrentMetadata({
      ...deps,
      blocklist,
      permits: metadataPermits,
      lingerMs,
    }),
    fileBytes,
    knownFiles: createKnownFiles(deps),
    relay: new Relay({ ...timing, links, clock, maxRelays: config.maxRelays }),
    cachedLinks: keepsLinks ? new CachedLinks({ ...deps, links, fileBytes }) : undefined,
    recentPlays: new RecentPlays(clock),
    storedTitles: createStoredTitles(deps),
    measured: new MeasuredPlays(deps),
  }
}

/** With PREWARM also a list that is looked at makes its first source's metadata be fetched. */
function createPrefetch(
  fetchAhead: FetchAhead,
  clock: Clock,
  prewarm: boolean,
): NextEpisodePredictor {
  const predictor = createNextEpisodePredictor(
    (next, after) => fetchAhead.nextEpisode(next, after),
    clock.steady,
  )
  return {
    listRequested(address, title) {
      if (prewarm) void fetchAhead.firstSource(title)
      predictor.listRequested(address, title)
    },
    playStarted: (address, play) => predictor.playStarted(address, play),
    nearEnd: (address, play) => predictor.nearEnd(address, play),
  }
}
