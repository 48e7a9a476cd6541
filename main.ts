import { readFileSync } from 'node:fs'
import { createAddon } from './addon/addon.ts'
import { bingeGroup } from './addon/binge-group.ts'
import { createCatalogTitles } from './addon/catalog-titles.ts'
import { createExamples } from './addon/examples.ts'
import { readManifest } from './addon/manifest.ts'
import { openIndex } from './cache/backends/open-index.ts'
import { CacheFolderError } from './cache/disk/cache-folder.ts'
import { createJanitor } from './cache/limits/disk-janitor.ts'
import { createSchedule, type SweepSchedule } from './cache/limits/schedule.ts'
import { createCacheReport } from './cache/stats.ts'
import { openFileStore } from './cache/store/disk-file-store.ts'
import { readStartOptions, withPort } from './cli/start-options.ts'
import { parseMetainfo } from './common/bittorrent/metainfo.ts'
import { systemClock } from './common/clock.ts'
import { createLog } from './common/log.ts'
import { createAddressRules } from './common/network/address-rules.ts'
import { createOutbound } from './common/network/guarded-outbound.ts'
import type { Config } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { createPlayer } from './player/create-player.ts'
import { createAddonRoutes } from './server/addon-routes.ts'
import { createAdminCheck } from './server/admin/admin-guard.ts'
import { createApp } from './server/app.ts'
import { createBaseUrl } from './server/http/base-url.ts'
import { createLifecycle } from './server/http/lifecycle.ts'
import { type Listening, serve } from './server/http/listen.ts'
import { createGauges } from './server/metrics/gauges.ts'
import { createMetrics } from './server/metrics/metrics.ts'
import { createPages } from './server/pages/pages.ts'
import { BlocklistError, createBlocklistFile } from './sources/lists/blocklist-file.ts'
import { createSourceLists } from './sources/lists/numbered-source-lists.ts'
import { wantedFile } from './sources/matching/wanted-file.ts'
import { createLocalCatalogue } from './sources/providers/catalogue/local-catalogue.ts'
import { createNetworkProviders } from './sources/providers/create-providers.ts'
import { SupervisedEngine } from './torrent/supervisor/supervised-engine.ts'

/** A terminal and systemd tell the whole process group, and npm hands on what it was told: one stop, twice. */
const SAME_STOP_MS = 1000
/** EX_CONFIG of sysexits.h: the settings or the folder they name cannot be used. */
const BAD_SETTINGS = 78
/** What a start waits for the engine at most: a play that comes at once would wait for it instead. */
const ENGINE_START_MS = 3000
/** Nothing larger is looked into, whatever the cache would hold (CACHE_FILL=window plays it). */
const LARGEST_TORRENT = 2 ** 42

function fail(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`playlink: ${line}\n`)
  process.exit(BAD_SETTINGS)
}

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const options = readStartOptions(process.argv.slice(2), process.env, version)
if ('say' in options) {
  ;(options.exitCode === 0 ? process.stdout : process.stderr).write(options.say)
  process.exit(options.exitCode)
}

const loaded = loadConfig(withPort(process.env, options.port), {
  cwd: process.cwd(),
  readFile: (path) => readFileSync(path, 'utf8'),
})
if ('faults' in loaded) fail(loaded.faults)
const { logLevel, logFormat = process.stdout.isTTY ? 'pretty' : 'json' } = loaded.config
const log = createLog(logLevel, logFormat)
for (const warning of loaded.warnings) log('main').warn(warning)

try {
  await run(loaded.config)
} catch (err) {
  if (err instanceof CacheFolderError || err instanceof BlocklistError) fail([err.message])
  const code = err instanceof Error && 'code' in err ? err.code : undefined
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used by you'
    fail([
      `PORT ${loaded.config.port} on ${loaded.config.host} ${why} (${code}).`,
      'Set another: npm start -- --port 8000, or PORT=8000 in the environment or in .env.',
    ])
  }
  const noAddress = code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
  if (noAddress) fail([`HOST ${loaded.config.host} is no address of this machine (${code})`])
  throw err
}

/** The composition root: parts from the bottom up, then the order in which they end. */
async function run(config: Config): Promise<void> {
  const clock = systemClock
  const lifecycle = createLifecycle(clock)
  // First of all: nothing may be asked or listed before it is read.
  const blocklist = createBlocklistFile(config.blocklist, log('sources'))
  await blocklist.start()
  // Its process loads while the folder is read.
  const options = { ...config.torrent, allow: config.outboundAllow, maxLength: LARGEST_TORRENT }
  const engine = new SupervisedEngine({ options, clock, log: log('engine') })
  let schedule: SweepSchedule | undefined
  const index = await openIndex(config.cache, clock, log('cache'), () => schedule?.soon())
  const store = await openFileStore({ ...config.cache, index, clock, log: log('cache') })
  const limits = {
    ttlSeconds: config.cache.ttlSeconds,
    maxFiles: config.cache.maxFiles,
    maxBytes: config.cache.maxDiskBytes,
  }
  const janitor = createJanitor({ store, index, limits, clock, log: log('janitor') })
  const { cleanupIntervalSeconds: intervalSeconds } = config.cache
  schedule = createSchedule({ janitor, intervalSeconds, clock, log: log('janitor') })

  const rules = createAddressRules(config.outboundAllow)
  const outbound = createOutbound({ rules, log: log('outbound'), blocks: blocklist.hasHost })

  const catalogue = createLocalCatalogue({
    locations: config.catalogues,
    outbound,
    clock,
    log: log('sources'),
  })
  const network = createNetworkProviders({
    ...{ config, catalogue, outbound, index, clock },
    log: log('sources'),
  })
  const sourceLists = createSourceLists({
    ...{ index, clock, blocklist },
    providers: [catalogue, ...network.providers],
    log: log('sources'),
    observe: (asked) => metrics.providerAsked(asked),
  })
  const player = createPlayer({
    blocklist,
    sourceLists,
    store,
    index,
    janitor,
    engine,
    outbound,
    config,
    clock,
    wantedFile,
    log: log('play'),
    groupOf: bingeGroup,
    validateMetainfo: (bytes) => parseMetainfo(bytes, { maxLength: LARGEST_TORRENT }),
  })

  const titles = createCatalogTitles({
    naming: config.catalogs === 'all' ? 'all' : 'free',
    local: catalogue.named,
    elsewhere: network.freeFilms,
    held: () => player.storedTitles.list(),
    ...{ blocklist, log: log('sources') },
  })
  const { availability, subtitles } = player
  const addon = createAddon({
    sourceLists,
    titles,
    config,
    log: log('sources'),
    player: {
      state: availability.of,
      recall: availability.recall,
      known: availability.whenKnown,
      subtitles: (title, source) => subtitles.tracks(title, source),
    },
  })
  const baseUrl = createBaseUrl(config)
  const refusalOf = createAdminCheck(config)
  const status = () =>
    lifecycle.state === 'draining' ? 'draining' : index.connected ? 'ok' : 'degraded'
  const cacheReport = createCacheReport({
    ...{ config, store, index, janitor, clock, status },
    nodeEnv: process.env.NODE_ENV,
    plays: () => player.status.stats,
  })
  const metrics = createMetrics(createGauges({ status: player.status, janitor, store, engine }))
  const app = createApp({
    ...{ config, player, outbound, cacheReport, janitor, lifecycle, clock, metrics, log },
    addonRoutes: createAddonRoutes({ addon, baseUrl, prefetch: player.prefetch }),
    pages: createPages({
      manifest: readManifest(config),
      examples: createExamples({ sourceLists, titles: catalogue.titles, log: log('sources') }),
      providers: [catalogue, ...network.providers].map(({ name }) => name),
      isAdmin: (req) => refusalOf(req) === undefined,
      baseUrl,
    }),
  })

  await Promise.all([catalogue.start(), network.start(), engine.started(ENGINE_START_MS)])
  const graceMs = config.shutdownGraceSeconds * 1000
  const { host, port } = config
  const listening = await serve({ app, lifecycle, host, port, graceMs, log: log('http') })
  schedule.start()
  lifecycle.serve()
  const page = `http://localhost:${listening.port}/`
  log('main').info({ port: listening.port, host, page, cacheDir: config.cache.dir }, 'listening')
  // Logs are for machines; a person at a terminal wants to know where to look.
  if (process.stdout.isTTY) {
    process.stdout.write(`\nPlaylink serves at ${page} - open it to install; Ctrl-C stops it.\n\n`)
  }

  await stopSignal(listening)
  await listening.drain()
  await schedule.stop()
  await player.close()
  await engine.close()
  outbound.close()
  await catalogue.close()
  sourceLists.close()
  await network.close()
  await blocklist.close()
  await store.close()
  await index.close()
  metrics.close()
  log('main').info('stopped')
}

/** Resolves at the first SIGTERM or SIGINT; a later one ends the process at once. */
async function stopSignal(listening: Listening): Promise<void> {
  const stop = Promise.withResolvers<NodeJS.Signals>()
  let first: number | undefined
  const heard = (name: NodeJS.Signals): void => {
    first ??= performance.now()
    stop.resolve(name)
    if (performance.now() - first < SAME_STOP_MS) return
    listening.destroy()
    process.exit(1)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, heard)
  log('main').info({ signal: await stop.promise }, 'stopping')
}
