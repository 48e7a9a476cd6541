import { readFileSync } from 'node:fs'
import { bingeGroup } from './addon/binge-group.ts'
import { CacheFolderError } from './cache/disk/cache-folder.ts'
import { type Cache, openCache } from './cache/open-cache.ts'
import { createCacheReport } from './cache/stats.ts'
import { announce } from './cli/announce.ts'
import { fail, tellCrashes } from './cli/fail.ts'
import { readStartOptions, withPort } from './cli/start-options.ts'
import { stopSignal } from './cli/stop-signal.ts'
import type { Cluster } from './cluster/cluster.ts'
import { openCluster } from './cluster/open-cluster.ts'
import { parseMetainfoInParts } from './common/bittorrent/metainfo.ts'
import { CleanupStack } from './common/cleanup-stack.ts'
import { type Clock, systemClock } from './common/clock.ts'
import { whyNotListening } from './common/host/listen-error.ts'
import { collectStartGarbage } from './common/host/start-garbage.ts'
import { createLog } from './common/log.ts'
import { createAddressRules } from './common/network/address-rules.ts'
import { createOutbound } from './common/network/guarded-outbound.ts'
import { Secrets } from './common/secrets/secrets.ts'
import { Watchdog } from './common/watchdog/watchdog.ts'
import type { Config } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { examine } from './doctor/examine.ts'
import { createPlayer } from './player/create-player.ts'
import type { Player } from './player/player.ts'
import { withToken } from './server/access/access-check.ts'
import { AccessFileError } from './server/access/access-file.ts'
import { type Access, openAccess } from './server/access/open-access.ts'
import { createAddonRoutes } from './server/addon-routes.ts'
import { createManagement } from './server/admin/management.ts'
import { openFigures } from './server/admin/open-figures.ts'
import { createApp } from './server/app.ts'
import { createBaseUrl } from './server/http/base-url.ts'
import { createLifecycle, type Lifecycle } from './server/http/lifecycle.ts'
import { type Listening, serve } from './server/http/listen.ts'
import { createLimits } from './server/limits/create-limits.ts'
import { createSite } from './server/site.ts'
import { createStremioAddon } from './server/stremio-addon.ts'
import {
  BlocklistError,
  type BlocklistFile,
  createBlocklistFile,
} from './sources/lists/blocklist-file.ts'
import { createSourceLists } from './sources/lists/numbered-source-lists.ts'
import { rehearseLists } from './sources/lists/rehearsal.ts'
import { WorkerNameParser } from './sources/names/name-parser.ts'
import { createLocalCatalogue } from './sources/providers/catalogue/local-catalogue.ts'
import { createNetworkProviders } from './sources/providers/create-providers.ts'
import { Questions } from './sources/providers/shared/questions.ts'
import { TriedTorrents } from './sources/providers/tried/tried-torrents.ts'
import type { TorrentEngine } from './torrent/protocol/torrent-engine.ts'
import { LARGEST_TORRENT, openEngine, openReach } from './torrent/supervisor/open-engine.ts'

/** What a start waits for the engine at most: a play that comes at once would wait for it instead. */
const ENGINE_START_MS = 3000

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const options = readStartOptions(process.argv.slice(2), process.env, version)
if ('say' in options) {
  ;(options.exitCode === 0 ? process.stdout : process.stderr).write(options.say)
  process.exit(options.exitCode)
}

const loaded = loadConfig(withPort(process.env, options.port), {
  cwd: process.cwd(),
  readFile: (path) => readFileSync(path, 'utf8'),
  commandLine: options.port === undefined ? [] : ['PORT'],
})
if ('faults' in loaded) fail(loaded.faults)
const { settings } = loaded
const { logLevel, logFormat = process.stdout.isTTY ? 'pretty' : 'json' } = loaded.config
const secrets = new Secrets(loaded.secrets)
tellCrashes((text) => secrets.coveredLine(text))
const log = createLog(logLevel, logFormat, (line) => secrets.coveredLine(line))
for (const warning of loaded.warnings) log('main').warn(warning)

try {
  await run(loaded.config)
} catch (err) {
  const bad = [CacheFolderError, BlocklistError, AccessFileError]
  if (err instanceof Error && bad.some((kind) => err instanceof kind)) fail([err.message])
  const reasons = whyNotListening(err, loaded.config)
  if (reasons) fail(reasons)
  throw err
}

/** What every part is made with; whoever makes one that must end says here how. */
interface Base {
  readonly config: Config
  readonly clock: Clock
  readonly ends: CleanupStack
}

/**
 * Makes the parts from the bottom up, serves until a signal, and ends them in the reverse order. After
 * the responses that still run (`drain`): memory of the start, management file, schedule, history, metrics, player, tracker list, port map, cluster,
 * engine, outbound, catalogue, sourceLists, network, parser, blocklist, access tokens, store, index.
 */
async function run(config: Config): Promise<void> {
  const ends = new CleanupStack(log('main'))
  const base = { config, clock: systemClock, ends }
  // First of all: nothing may be asked or listed before it is read.
  const blocklist = createBlocklistFile(config.blocklist, log('sources'))
  await blocklist.start()
  // Its process loads while the cache folder is read.
  const engine = openEngine(config, base.clock, log('engine'))
  const cache = await openCache({ ...base, log })
  // Not before: a large index opens in one go, and a restart would open it again.
  const watchdog = new Watchdog({ log: log('main'), format: logFormat })
  const access = await openAccess({ ...base, ...cache, log: log('http') })
  const sources = createSources(base, cache, blocklist)
  ends.defer('engine', () => engine.close())
  const plays = () => player.status.stats.active
  const cluster = openCluster({ ...base, ...cache, version, plays, log: log('cluster') })
  const reach = openReach(config, { ...base, ...sources, engine }, log('engine'))
  ends.defer('tracker list, port map', () => reach.close())
  const player = createPlayer({
    ...base,
    ...cache,
    ...sources,
    engine,
    cluster,
    log: log('play'),
    groupOf: bingeGroup,
    validateMetainfo: (bytes, infoHash) =>
      parseMetainfoInParts(bytes, { maxLength: LARGEST_TORRENT, ...(infoHash && { infoHash }) }),
  })
  ends.defer('player', () => player.close())
  const { catalogue, network } = sources
  // While the engine's process loads there is nothing else to do.
  void rehearseLists({ ...base, ...sources, log: log('sources') })
  await Promise.all([catalogue.start(), network.start(), engine.started(ENGINE_START_MS)])
  const made = { ...base, ...cache, ...sources, access, engine, cluster, player }
  const listening = await startServer(made)
  ends.defer(
    'memory of the start',
    collectStartGarbage(() => plays() === 0),
  )
  await stopSignal(log('main'), () => listening.destroy())
  await listening.drain()
  await ends.disposeAsync()
  // Last: an end that hangs is told too.
  await watchdog.close()
  log('main').info('stopped')
}

/** Everything that finds sources, and the one way out to other servers. */
function createSources({ config, clock, ends }: Base, { index }: Cache, blocklist: BlocklistFile) {
  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: log('outbound'), blocks: blocklist.hasHost })
  const parser = new WorkerNameParser({ clock, log: log('sources') })
  const shared = { outbound, clock, parser, log: log('sources') }
  const catalogue = createLocalCatalogue({ ...shared, locations: config.catalogues })
  const perMinute = config.providers.requestsPerMinute
  const questions = new Questions({ ...shared, perMinute })
  const network = createNetworkProviders({ ...shared, config, catalogue, index, questions })
  const providers = [catalogue, ...network.providers]
  const tried = new TriedTorrents()
  const lists = {
    ...shared,
    index,
    blocklist,
    providers: [...providers, tried],
    secrets,
    questions,
    direct: config.direct,
  }
  const sourceLists = createSourceLists(lists)
  ends.defer('blocklist', () => blocklist.close())
  ends.defer('parser', () => parser.close())
  ends.defer('network', () => network.close())
  ends.defer('sourceLists', () => sourceLists.close())
  ends.defer('catalogue', () => catalogue.close())
  ends.defer('outbound', () => outbound.close())
  const asking = { rules, outbound, questions, tried }
  return { blocklist, parser, catalogue, network, providers, sourceLists, ...asking }
}

type Parts = Base &
  Cache &
  ReturnType<typeof createSources> & {
    readonly access: Access | undefined
    readonly cluster: Cluster | undefined
    readonly engine: TorrentEngine
    readonly player: Player
  }

function statusOf({ state }: Lifecycle, { connected }: Cache['index']) {
  return state === 'draining' ? 'draining' : connected ? 'ok' : 'degraded'
}

/** Listens when everything else is up. */
async function startServer(parts: Parts): Promise<Listening> {
  const { config, clock, player, index } = parts
  const lifecycle = createLifecycle(clock)
  const baseUrl = withToken(createBaseUrl(config))
  const management = createManagement({ ...parts, nodeEnv: process.env.NODE_ENV, log: log('main') })
  const { admins } = management
  const figures = openFigures({ ...parts, status: player.status, log: log('http') })
  const cacheReport = createCacheReport({
    ...parts,
    status: () => statusOf(lifecycle, index),
    nodeEnv: process.env.NODE_ENV,
    plays: () => player.status.stats,
    cluster: parts.cluster?.report,
  })
  const { addon, catalogTitles } = createStremioAddon({ ...parts, log: log('sources') })
  const { limits, caps } = createLimits({ ...parts, ...figures, log: log('limits') })
  const app = createApp({
    ...parts,
    admins,
    ...figures,
    settings,
    examine: (how) => examine({ loaded, secrets, setup: parts, ...how }),
    cacheReport,
    lifecycle,
    limits,
    log,
    addonRoutes: createAddonRoutes({
      addon,
      baseUrl,
      limits,
      equalForAll: config.publicUrl !== undefined && !parts.access,
      prefetch: player.prefetch,
    }),
    pages: createSite({ ...parts, catalogTitles, admins, baseUrl, limits, log: log('sources') }),
  })
  const graceMs = config.shutdownGraceSeconds * 1000
  const listening = await serve({ ...config, app, lifecycle, graceMs, caps, log: log('http') })
  parts.schedule.start()
  parts.ends.defer('schedule', () => parts.schedule.stop())
  lifecycle.draining.addEventListener('abort', () => void parts.cluster?.drain(), { once: true })
  await parts.cluster?.start()
  lifecycle.serve()
  await management.listening(listening.port)
  announce(log('main'), listening.port, config)
  return listening
}
