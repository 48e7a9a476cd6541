import { describe, expect, test } from '@jest/globals'
import type { Config } from '../../config/config.ts'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'

type Files = Readonly<Record<string, string | Error>>

const errorWith = (code: string) => Object.assign(new Error(`${code}: no`), { code })

function load(env: Record<string, string>, files: Files = {}): LoadedConfig {
  return loadConfig(env, {
    cwd: '/srv/playlink',
    readFile: (path) => {
      const found = files[path] ?? errorWith('ENOENT')
      if (found instanceof Error) throw found
      return found
    },
    platform: 'linux',
    tempDir: '/temp',
    canMake: () => true,
  })
}

function configOf(loaded: LoadedConfig): Config {
  if ('faults' in loaded) throw new Error(loaded.faults.join('\n'))
  return loaded.config
}

const faultsOf = (loaded: LoadedConfig) => ('faults' in loaded ? loaded.faults : [])
const warningsOf = (loaded: LoadedConfig) => ('faults' in loaded ? [] : loaded.warnings)

test('nothing set: the defaults, without a warning', () => {
  const loaded = load({ HOME: '/home/ann' })
  expect(warningsOf(loaded)).toEqual([])
  expect(configOf(loaded)).toEqual({
    port: 7000,
    host: '0.0.0.0',
    publicUrl: undefined,
    trustProxy: undefined,
    cache: {
      backend: 'memory',
      redis: expect.objectContaining({ kind: 'one', nodes: [{ host: '127.0.0.1', port: 6379 }] }),
      dir: '/home/ann/.cache/playlink',
      sqlitePath: '/home/ann/.cache/playlink/index.sqlite',
      ttlSeconds: 3600,
      maxFiles: 1000,
      maxDiskBytes: 5_000_000_000,
      maxMetaBytes: 64_000_000,
      cleanupIntervalSeconds: 300,
      persistent: false,
      fill: 'whole',
    },
    playTimeoutSeconds: 30,
    browser: 'audio',
    direct: 'redirect',
    errorClip: true,
    sendfile: 'off',
    prewarm: false,
    catalogs: 'free',
    catalogues: [expect.stringMatching(/\/catalogue\/free-titles\.yaml$/)],
    providers: {
      library: [],
      archiveUrl: 'https://archive.org',
      cinemetaUrl: 'https://v3-cinemeta.strem.io',
      addons: [],
      torznab: [],
      feeds: [],
      requestsPerMinute: 120,
    },
    animeIds: undefined,
    blocklist: undefined,
    outboundAllow: [],
    adminToken: undefined,
    maxDownloads: 16,
    maxRelays: 64,
    spreadAfter: 8,
    addressLimits: {
      lists: 120,
      searches: 120,
      states: 600,
      coldStarts: 60,
      streams: 32,
      live: 8,
      connections: 128,
    },
    torrent: { port: 0, dht: true, pex: true, lsd: false, uploadLimitBytes: 256_000 },
    seeding: { ratio: 0, seconds: 0 },
    extraTrackers: { trackers: [], lists: [] },
    shutdownGraceSeconds: 25,
    logLevel: 'info',
    logFormat: undefined,
    logIp: 'short',
    operator: { name: undefined, contact: undefined, privacyUrl: undefined },
    stremioAddonsConfig: undefined,
  })
})

test('every variable reaches its place', () => {
  const loaded = load({
    PORT: '0',
    HOST: '::1',
    PUBLIC_URL: 'https://films.example.org/playlink/',
    TRUST_PROXY: 'loopback',
    CACHE_BACKEND: 'redis',
    REDIS_URL: 'rediss://films.example:7000/2',
    CACHE_DIR: 'cache',
    SQLITE_PATH: 'books.sqlite',
    CACHE_TTL: '1',
    CACHE_MAX_SIZE: '2',
    CACHE_MAX_DISK_MB: '3',
    CACHE_META_MB: '9',
    CACHE_CLEANUP_INTERVAL: '4',
    CACHE_PERSISTENT: 'true',
    CACHE_FILL: 'window',
    PLAY_TIMEOUT: '5',
    BROWSER: 'copy',
    DIRECT: 'relay',
    ERROR_CLIP: 'off',
    SENDFILE: 'nginx',
    PREWARM: '1',
    CATALOGS: 'all',
    CATALOGUE: 'mine.yaml https://x.example/theirs.json',
    LIBRARY: '/films ./series /films',
    ARCHIVE_ORG_URL: 'http://archive.example/mirror/',
    CINEMETA_URL: 'http://meta.example/',
    UPSTREAM_ADDONS: 'stremio://addon.example/x/manifest.json',
    TORZNAB: 'http://indexer.example/1/api?apikey=k#one http://indexer.example/2/api?apikey=k',
    FEEDS: 'https://feed.example/rss?passkey=k',
    PROVIDER_REQUESTS: '21',
    ANIME_IDS: 'anime-ids.json',
    BLOCKLIST: 'blocked.txt',
    OUTBOUND_ALLOW: '127.0.0.0/8',
    ADMIN_TOKEN: '0123456789abcdef',
    LIMIT_LISTS: '11',
    LIMIT_SEARCHES: '12',
    LIMIT_STATES: '17',
    LIMIT_COLD_STARTS: '13',
    LIMIT_STREAMS: '14',
    LIMIT_LIVE: '15',
    LIMIT_CONNECTIONS: '16',
    MAX_DOWNLOADS: '6',
    MAX_RELAYS: '7',
    SPREAD_AFTER: '3',
    TORRENT_PORT: '6881',
    TORRENT_BIND: '127.0.0.1',
    PORT_MAP: '127.0.0.1',
    TORRENT_PROXY: 'socks5://me:p%40ss@proxy.example',
    DHT: 'off',
    DHT_BOOTSTRAP: 'dht.example.org:6881, 192.0.2.1:1',
    TRACKERS:
      'udp://t.example:1 https://lists.example/best.txt http://t.example/announce?passkey=x',
    PEX: 'off',
    LSD: 'on',
    UPLOAD_LIMIT_KB: '7',
    SEED_RATIO: '1.5',
    SEED_TIME: '86400',
    SHUTDOWN_GRACE: '8',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'pretty',
    LOG_IP: 'off',
    OPERATOR: 'Kino e. V.',
    CONTACT: 'kino@films.example',
    PRIVACY_URL: 'https://films.example/privacy#films',
    STREMIO_ADDONS_ISSUER: 'https://stremio-addons.net',
    STREMIO_ADDONS_SIGNATURE: 'eyJ.abc',
  })
  expect(configOf(loaded)).toEqual({
    port: 0,
    host: '::1',
    publicUrl: 'https://films.example.org/playlink',
    trustProxy: 'loopback',
    cache: {
      backend: 'redis',
      redis: {
        kind: 'one',
        nodes: [{ host: 'films.example', port: 7000 }],
        tls: true,
        username: undefined,
        password: undefined,
        db: 2,
        master: undefined,
        sentinelUsername: undefined,
        sentinelPassword: undefined,
      },
      dir: '/srv/playlink/cache',
      sqlitePath: '/srv/playlink/books.sqlite',
      ttlSeconds: 1,
      maxFiles: 2,
      maxDiskBytes: 3_000_000,
      maxMetaBytes: 9_000_000,
      cleanupIntervalSeconds: 4,
      persistent: true,
      fill: 'window',
    },
    playTimeoutSeconds: 5,
    browser: 'copy',
    direct: 'relay',
    errorClip: false,
    sendfile: 'nginx',
    prewarm: true,
    catalogs: 'all',
    catalogues: ['/srv/playlink/mine.yaml', 'https://x.example/theirs.json'],
    providers: {
      library: ['/films', '/srv/playlink/series'],
      archiveUrl: 'http://archive.example/mirror',
      cinemetaUrl: 'http://meta.example',
      addons: ['https://addon.example/x/manifest.json'],
      torznab: [
        'http://indexer.example/1/api?apikey=k#one',
        'http://indexer.example/2/api?apikey=k',
      ],
      feeds: ['https://feed.example/rss?passkey=k'],
      requestsPerMinute: 21,
    },
    animeIds: '/srv/playlink/anime-ids.json',
    blocklist: '/srv/playlink/blocked.txt',
    outboundAllow: ['127.0.0.0/8'],
    adminToken: '0123456789abcdef',
    maxDownloads: 6,
    maxRelays: 7,
    spreadAfter: 3,
    addressLimits: {
      lists: 11,
      searches: 12,
      states: 17,
      coldStarts: 13,
      streams: 14,
      live: 15,
      connections: 16,
    },
    torrent: {
      port: 6881,
      dht: false,
      dhtBootstrap: ['dht.example.org:6881', '192.0.2.1:1'],
      pex: false,
      lsd: false,
      bind: '127.0.0.1',
      proxy: { host: 'proxy.example', port: 1080, user: 'me', password: 'p@ss' },
      uploadLimitBytes: 7000,
    },
    seeding: { ratio: 1.5, seconds: 86_400 },
    extraTrackers: {
      trackers: ['udp://t.example:1', 'http://t.example/announce?passkey=x'],
      lists: ['https://lists.example/best.txt'],
    },
    shutdownGraceSeconds: 8,
    logLevel: 'warn',
    logFormat: 'pretty',
    logIp: 'off',
    operator: {
      name: 'Kino e. V.',
      contact: 'mailto:kino@films.example',
      privacyUrl: 'https://films.example/privacy#films',
    },
    stremioAddonsConfig: { issuer: 'https://stremio-addons.net', signature: 'eyJ.abc' },
  })
})

test('what a proxy cannot carry is off, with a sentence', () => {
  const loaded = load({ TORRENT_PROXY: 'socks5://127.0.0.1:9050', LSD: 'on', PORT_MAP: 'on' })
  expect(warningsOf(loaded)).toEqual([
    'LSD is off: with TORRENT_PROXY nothing is said on the local network.',
    'PORT_MAP is off: with TORRENT_PROXY nothing is said on the local network.',
  ])
  expect(configOf(loaded).torrent).toMatchObject({ lsd: false, portMap: undefined })
  expect(configOf(load({ PORT_MAP: '10.2.0.1' })).torrent.portMap).toBe('10.2.0.1')
})

test('without RATE_LIMIT there are no limits, whatever else is set', () => {
  const loaded = load({ RATE_LIMIT: 'off', LIMIT_LISTS: '1' })
  expect(configOf(loaded).addressLimits).toBeUndefined()
})

describe('faults', () => {
  test('all of them at once, each with its name, no secret among them', () => {
    const faults = faultsOf(
      load(
        {
          PORT: '70000',
          CACHE_TTL: 'soon',
          ADMIN_TOKEN: 'hunter2',
          CACHE_DIR: 'a',
          CACHE_DIR_FILE: 'b',
          PUBLIC_URL_FILE: '/run/secrets/url',
        },
        { '/srv/playlink/.env': errorWith('EACCES') },
      ),
    )
    expect(faults).toEqual([
      '.env in the working folder cannot be read (EACCES).',
      'PORT must be a whole number from 0 to 65535, not "70000".',
      'PUBLIC_URL is to come from PUBLIC_URL_FILE, which cannot be read (ENOENT).',
      'CACHE_DIR and CACHE_DIR_FILE are both set; keep one of them.',
      'CACHE_TTL must be a whole number of seconds from 1 to 315360000, not "soon".',
      'ADMIN_TOKEN must have at least 16 characters; it has 7.',
    ])
  })

  test.each(['memory', 'sqlite', 'redis'])('CACHE_BACKEND=%s is built', (backend) => {
    expect(configOf(load({ CACHE_BACKEND: backend })).cache.backend).toBe(backend)
  })

  test.each(['STREMIO_ADDONS_ISSUER', 'STREMIO_ADDONS_SIGNATURE'])('%s alone', (name) => {
    expect(faultsOf(load({ [name]: 'x' }))).toEqual([
      'STREMIO_ADDONS_ISSUER and STREMIO_ADDONS_SIGNATURE belong together; set both or neither.',
    ])
  })

  test('a fault of our own is not dressed up as the operator’s', () => {
    const env = {
      get PORT(): string {
        throw new TypeError('ours')
      },
    }
    expect(() => loadConfig(env, { cwd: '/', readFile: () => '' })).toThrow(TypeError)
  })
})

describe('one of several nodes', () => {
  const secret = 's'.repeat(32)
  const redis = { CACHE_BACKEND: 'redis' }
  const node = { ...redis, NODE_URL: 'http://10.0.0.4:7000/', CLUSTER_SECRET: secret }

  test('has an address and the secret of all', () => {
    expect(configOf(load(node)).cluster).toEqual({ url: 'http://10.0.0.4:7000', secret })
    expect(configOf(load(redis)).cluster).toBeUndefined()
  })

  test('reaches the balancer by BALANCER_URL, else as viewers do', () => {
    const balancerOf = (env: Record<string, string>) => configOf(load(env)).cluster?.balancerUrl
    const viewers = { ...node, PUBLIC_URL: 'https://films.example/playlink/' }
    expect(balancerOf(viewers)).toBe('https://films.example/playlink')
    expect(balancerOf({ ...viewers, BALANCER_URL: 'http://10.0.0.2/' })).toBe('http://10.0.0.2')
    expect(balancerOf(node)).toBeUndefined()
  })

  test.each([
    [{ ...node, CACHE_BACKEND: 'memory' }, 'NODE_URL needs CACHE_BACKEND=redis'],
    [{ ...node, CLUSTER_SECRET: '' }, 'NODE_URL and CLUSTER_SECRET belong together'],
    [{ ...redis, CLUSTER_SECRET: secret }, 'NODE_URL and CLUSTER_SECRET belong together'],
    [{ ...node, CLUSTER_SECRET: 'short' }, 'CLUSTER_SECRET must have at least 32 characters'],
    [{ ...node, NODE_URL: 'http://10.0.0.4/below' }, 'NODE_URL must have no path behind the host'],
    [{ ...redis, BALANCER_URL: 'http://10.0.0.2' }, 'BALANCER_URL needs NODE_URL'],
    [{ ...node, NODE_URL: 'ftp://10.0.0.4' }, 'NODE_URL must be an http or https URL'],
  ])('%j says what is wrong', (env, sentence) => {
    expect(faultsOf(load(env)).join('\n')).toContain(sentence)
  })
})

describe('warnings', () => {
  test('an old name is still read, and the new one wins', () => {
    const old = load({ MAX_ARRIVALS: '6' })
    expect(configOf(old).maxDownloads).toBe(6)
    expect(warningsOf(old)).toEqual([
      'MAX_ARRIVALS is called MAX_DOWNLOADS now; the old name is still read.',
    ])
    const fromFile = load({ MAX_ARRIVALS_FILE: 'f' }, { '/srv/playlink/f': '7\n' })
    expect(configOf(fromFile).maxDownloads).toBe(7)
    const both = load({ MAX_DOWNLOADS: '8' }, { '/srv/playlink/.env': 'MAX_ARRIVALS=9' })
    expect(configOf(both).maxDownloads).toBe(8)
    expect(warningsOf(both)).toEqual([
      'MAX_ARRIVALS is the old name of MAX_DOWNLOADS, which is set too; the old one is ignored.',
    ])
    expect(warningsOf(load({ MAX_DOWNLOADS: '8' }))).toEqual([])
  })

  test('nearly one of ours, in the environment or .env; with faults it is told among them', () => {
    const files = { '/srv/playlink/.env': 'UPLOAD_LIMIT=3\nMAX_ARRIVALS=many' }
    const slips = ['CACHE_MAXSIZE', 'UPLOAD_LIMIT'].map((name) =>
      expect.stringContaining(`${name} is not a setting of Playlink and is ignored. Did you mean`),
    )
    const faults = faultsOf(load({ CACHE_MAXSIZE: '5' }, files))
    expect(faults).toEqual([
      'MAX_DOWNLOADS must be a whole number of downloads from 1 to 1000, not "many".',
      expect.stringContaining('MAX_ARRIVALS is called MAX_DOWNLOADS now'),
      ...slips,
    ])
    expect(warningsOf(load({ CACHE_MAXSIZE: '5', UPLOAD_LIMIT: '3' }))).toEqual(slips)
  })

  test('not for a value that asks for nothing, nor for names that nobody knows', () => {
    expect(warningsOf(load({ PREWARM: '0', PATH: '/bin', PORTS: 'x' }))).toEqual([])
  })
})
