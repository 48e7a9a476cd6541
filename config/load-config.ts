import { tmpdir } from 'node:os'
import path from 'node:path'
import type { SecretTexts } from '../common/secrets/secrets.ts'
import { BadValue } from './bad-value.ts'
import type { Config } from './config.ts'
import { defaultCacheDir, type Environment, shippedCatalogue } from './default-places.ts'
import {
  createLookup,
  createOriginOf,
  type EnvironmentFiles,
  type Lookup,
  readDotEnv,
} from './environment.ts'
import { misspelled } from './misspelled.ts'
import { secretsIn } from './secrets.ts'
import { type SettingInForce, settingsInForce } from './settings-in-force.ts'
import { renamed, type Values, variables } from './variables.ts'

export interface LoadContext extends EnvironmentFiles {
  /** This machine's, unless told otherwise. */
  readonly platform?: NodeJS.Platform
  readonly tempDir?: string
  /** Names that `env` has from an option of the command. */
  readonly commandLine?: readonly string[]
  /** Whether this process could make and fill a folder; asked of what is not named but found. */
  readonly canMake?: (dir: string) => boolean
}

export type LoadedConfig =
  | {
      readonly config: Config
      readonly secrets: SecretTexts
      readonly warnings: readonly string[]
      readonly settings: readonly SettingInForce[]
    }
  | {
      /** One sentence each; all of them, so that an operator mends them in one go. The warnings come last. */
      readonly faults: readonly string[]
      readonly warnings: readonly string[]
    }

/** Runs a step; a BadValue becomes a line in `faults` and undefined. */
type Attempt = <T>(name: string, step: () => T) => T | undefined

/**
 * Reads and checks every variable of the table. Unknown variables are ignored, with a warning where
 * one is nearly one of ours.
 * Reads files, writes nothing, never throws for what an operator wrote.
 */
export function loadConfig(env: Environment, context: LoadContext): LoadedConfig {
  const faults: string[] = []
  const attempt: Attempt = (name, step) => {
    try {
      return step()
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      faults.push(`${name} ${error.message}`)
      return undefined
    }
  }
  // With a `.env` that cannot be read the rest is still checked, so that all faults come at once.
  const dotEnv = attempt('.env', () => readDotEnv(context)) ?? {}
  const lookup = createLookup(env, dotEnv, context)
  const values = readValues(lookup, context.cwd, attempt)
  attempt('STREMIO_ADDONS_ISSUER', () => refuseHalfIssuer(values))
  attempt('NODE_URL', () => refuseHalfNode(values))
  attempt('BALANCER_URL', () => refuseLoneBalancer(values))
  attempt('UPSTREAM_ADDONS', () => refuseOurselves(values))
  const names = [...new Set([...Object.keys(env), ...Object.keys(dotEnv)])]
  const warnings = [...warningsOf(lookup, names, attempt), ...offByProxy(values)]
  // A name that is not ours may be why something is wrong or missing.
  if (faults.length > 0) return { faults: [...faults, ...warnings], warnings }
  const { platform = process.platform, tempDir = tmpdir(), commandLine = [] } = context
  const cacheDir = defaultCacheDir(env, platform, tempDir, context.canMake)
  const config = toConfig(values, cacheDir)
  const origins = { lookup, originOf: createOriginOf(env, dotEnv), commandLine }
  const settings = settingsInForce(origins, values)
  return { config, secrets: secretsIn(values), warnings, settings }
}

function readValues(lookup: Lookup, cwd: string, attempt: Attempt): Values {
  const found: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(variables)) {
    const former = renamed[name]
    found[name] = attempt(name, () => {
      const text = lookup(name) ?? (former && lookup(former)) ?? variable.defaultText
      return text === undefined ? undefined : variable.parse(text, cwd)
    })
  }
  // Each name was filled in by its own parser; where one failed, no Config is made of the values.
  return found as Values
}

function refuseHalfIssuer(values: Values): void {
  if (!values.STREMIO_ADDONS_ISSUER === !values.STREMIO_ADDONS_SIGNATURE) return
  throw new BadValue('and STREMIO_ADDONS_SIGNATURE belong together; set both or neither.')
}

function refuseHalfNode({ NODE_URL: url, CLUSTER_SECRET: secret, CACHE_BACKEND: backend }: Values) {
  if (!url !== !secret)
    throw new BadValue('and CLUSTER_SECRET belong together; set both or neither.')
  if (url && backend !== 'redis') {
    throw new BadValue('needs CACHE_BACKEND=redis: nodes find each other there.')
  }
}

function refuseLoneBalancer({ BALANCER_URL: balancer, NODE_URL: node }: Values): void {
  if (balancer && !node) throw new BadValue('needs NODE_URL: alone a node asks nobody.')
}

function refuseOurselves({ UPSTREAM_ADDONS: addons = [], PUBLIC_URL: own }: Values): void {
  if (own === undefined || !addons.some((url) => url.startsWith(`${own}/`))) return
  throw new BadValue('names this server itself (PUBLIC_URL); leave that one out.')
}

function warningsOf(lookup: Lookup, names: readonly string[], attempt: Attempt): string[] {
  const given = (name: string) => attempt(name, () => lookup(name))
  const old = Object.entries(renamed)
    .filter(([, former]) => given(former) !== undefined)
    .map(([name, former]) =>
      lookup(name) === undefined
        ? `${former} is called ${name} now; the old name is still read.`
        : `${former} is the old name of ${name}, which is set too; the old one is ignored.`,
    )
  const slips = misspelled(names, Object.keys(variables)).map(
    ({ name, meant }) =>
      `${name} is not a setting of Playlink and is ignored. Did you mean ${meant}?`,
  )
  return [...old, ...slips]
}

/** What the proxy cannot carry, and would go past it. */
function offByProxy(values: Values): string[] {
  if (!values.TORRENT_PROXY) return []
  return (['LSD', 'PORT_MAP'] as const)
    .filter((name) => values[name])
    .map((name) => `${name} is off: with TORRENT_PROXY nothing is said on the local network.`)
}

const limitsOf = (values: Values): Config['addressLimits'] => ({
  lists: values.LIMIT_LISTS,
  searches: values.LIMIT_SEARCHES,
  states: values.LIMIT_STATES,
  coldStarts: values.LIMIT_COLD_STARTS,
  streams: values.LIMIT_STREAMS,
  live: values.LIMIT_LIVE,
  connections: values.LIMIT_CONNECTIONS,
})

function clusterOf(values: Values): Config['cluster'] {
  const { NODE_URL: url, CLUSTER_SECRET: secret } = values
  const balancerUrl = values.BALANCER_URL ?? values.PUBLIC_URL
  return url && secret ? { url, secret, balancerUrl } : undefined
}

const torrentOf = (values: Values): Config['torrent'] => ({
  port: values.TORRENT_PORT,
  dht: values.DHT,
  dhtBootstrap: values.DHT_BOOTSTRAP,
  pex: values.PEX,
  lsd: values.LSD && !values.TORRENT_PROXY,
  bind: values.TORRENT_BIND,
  proxy: values.TORRENT_PROXY,
  portMap: values.TORRENT_PROXY ? undefined : values.PORT_MAP,
  uploadLimitBytes: values.UPLOAD_LIMIT_KB * 1000,
})

const providersOf = (values: Values): Config['providers'] => ({
  library: values.LIBRARY ?? [],
  archiveUrl: values.ARCHIVE_ORG ? values.ARCHIVE_ORG_URL : undefined,
  cinemetaUrl: values.CINEMETA_URL,
  addons: values.UPSTREAM_ADDONS ?? [],
  torznab: values.TORZNAB ?? [],
  feeds: values.FEEDS ?? [],
  requestsPerMinute: values.PROVIDER_REQUESTS,
})

function toConfig(values: Values, defaultDir: string): Config {
  const dir = values.CACHE_DIR ?? defaultDir
  const { STREMIO_ADDONS_ISSUER: issuer, STREMIO_ADDONS_SIGNATURE: signature } = values
  return {
    port: values.PORT,
    host: values.HOST,
    publicUrl: values.PUBLIC_URL,
    trustProxy: values.TRUST_PROXY,
    cache: {
      backend: values.CACHE_BACKEND,
      redis: values.REDIS_URL,
      dir,
      sqlitePath: values.SQLITE_PATH ?? path.join(dir, 'index.sqlite'),
      ttlSeconds: values.CACHE_TTL,
      maxFiles: values.CACHE_MAX_SIZE,
      maxDiskBytes: values.CACHE_MAX_DISK_MB * 1_000_000,
      maxMetaBytes: values.CACHE_META_MB * 1_000_000,
      cleanupIntervalSeconds: values.CACHE_CLEANUP_INTERVAL,
      persistent: values.CACHE_PERSISTENT,
      fill: values.CACHE_FILL,
    },
    cluster: clusterOf(values),
    playTimeoutSeconds: values.PLAY_TIMEOUT,
    browser: values.BROWSER,
    direct: values.DIRECT,
    errorClip: values.ERROR_CLIP,
    sendfile: values.SENDFILE,
    prewarm: values.PREWARM,
    catalogues: values.CATALOGUE ?? [shippedCatalogue],
    providers: providersOf(values),
    animeIds: values.ANIME_IDS,
    blocklist: values.BLOCKLIST,
    catalogs: values.CATALOGS,
    outboundAllow: values.OUTBOUND_ALLOW ?? [],
    adminToken: values.ADMIN_TOKEN,
    accessTokens: values.ACCESS_TOKENS,
    maxDownloads: values.MAX_DOWNLOADS,
    maxRelays: values.MAX_RELAYS,
    spreadAfter: values.SPREAD_AFTER,
    addressLimits: values.RATE_LIMIT ? limitsOf(values) : undefined,
    torrent: torrentOf(values),
    seeding: { ratio: values.SEED_RATIO, seconds: values.SEED_TIME },
    extraTrackers: values.TRACKERS ?? { trackers: [], lists: [] },
    shutdownGraceSeconds: values.SHUTDOWN_GRACE,
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    logIp: values.LOG_IP,
    operator: {
      name: values.OPERATOR,
      contact: values.CONTACT,
      privacyUrl: values.PRIVACY_URL,
    },
    stremioAddonsConfig: issuer && signature ? { issuer, signature } : undefined,
  }
}
