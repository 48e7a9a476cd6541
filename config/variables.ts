import { allowList, baseUrl, listenHost, trustProxy } from './network-values.ts'
import { filePath, folder, places } from './place-values.ts'
import { line, oneOf, onOff, secret, wholeNumber } from './plain-values.ts'
import { addonUrls, providerUrls, serviceUrl, serviceUrlOrOff } from './provider-values.ts'
import { redisPlace } from './redis-place.ts'
import { type PresetVariable, preset, unset, type Variable } from './variable.ts'

const TEN_YEARS = 315_360_000

/** Everything an operator can set; the README's table is proved equal to it by a test. */
export const variables = {
  PORT: preset('7000', wholeNumber(0, 65_535), 'TCP port to listen on; `0` takes any free one'),
  HOST: preset('0.0.0.0', listenHost, 'address to listen on'),
  PUBLIC_URL: unset(
    'from the request',
    baseUrl,
    'base of every URL handed out, such as `https://films.example.org/playlink`',
  ),
  TRUST_PROXY: unset(
    'none',
    trustProxy,
    'proxies whose `X-Forwarded-*` headers count, as Express writes it: a number of hops, `loopback`, or CIDRs separated by commas',
  ),
  CACHE_BACKEND: preset(
    'memory',
    oneOf('memory', 'sqlite', 'redis'),
    "where the cache's index lives: `memory`, `sqlite` or `redis`. Bytes are always on disk",
  ),
  REDIS_URL: preset(
    'redis://127.0.0.1:6379',
    redisPlace,
    'for `redis`: a server, or cluster nodes or sentinels separated by commas, as docs/backends/redis.md tells',
  ),
  CACHE_DIR: unset(
    "the user's cache folder",
    folder,
    "folder for the bytes; without it `playlink` in `XDG_CACHE_HOME` or the platform's cache folder, else in the temp folder",
  ),
  SQLITE_PATH: unset(
    '`index.sqlite` in `CACHE_DIR`',
    filePath,
    'file of the `sqlite` backend, on a disk of this machine',
  ),
  CACHE_TTL: preset(
    '3600',
    wholeNumber(1, TEN_YEARS, 'seconds'),
    'seconds a file is kept after its last use',
  ),
  CACHE_MAX_SIZE: preset(
    '1000',
    wholeNumber(1, 1_000_000),
    'files kept at most, those that still arrive included',
  ),
  CACHE_MAX_DISK_MB: preset(
    '5000',
    wholeNumber(1, 1_000_000_000, 'MB'),
    'MB (10^6 bytes) on disk at most, partial files included',
  ),
  CACHE_META_MB: preset(
    '64',
    wholeNumber(1, 1_000_000, 'MB'),
    'MB (10^6 bytes) that source lists and what else is remembered of titles take at most, in the memory of the process or in the database; those not used for longest go',
  ),
  CACHE_CLEANUP_INTERVAL: preset(
    '300',
    wholeNumber(1, 86_400, 'seconds'),
    'seconds between two sweeps of the cache',
  ),
  CACHE_PERSISTENT: preset(
    'false',
    onOff,
    'keep files across restarts; `false` empties the cache at start',
  ),
  CACHE_FILL: preset(
    'whole',
    oneOf('whole', 'window'),
    '`whole` fetches the rest of a film while someone watches, `window` only a stretch ahead of the viewer',
  ),
  PLAY_TIMEOUT: preset(
    '30',
    wholeNumber(1, 600, 'seconds'),
    'seconds from a request to its first byte, finding peers included',
  ),
  SENDFILE: preset(
    'off',
    oneOf('off', 'nginx'),
    '`nginx`: the nginx in front sends complete files itself, as docs/nginx.md tells',
  ),
  ERROR_CLIP: preset(
    'on',
    onOff,
    'a player gets a short clip that says what is wrong in place of a bare error status',
  ),
  PREWARM: preset(
    '0',
    onOff,
    "`1` looks up the metadata of a list's first source before anybody plays it; `0`: an open list starts no swarm",
  ),
  CATALOGUE: unset(
    'the shipped free titles',
    places,
    'your own titles: files, folders or URLs separated by spaces',
  ),
  ARCHIVE_ORG: preset(
    'on',
    onOff,
    'list free films of the Internet Archive; `off` asks it nothing',
  ),
  ARCHIVE_ORG_URL: preset('https://archive.org', serviceUrl, 'another base of the same API'),
  CINEMETA_URL: preset(
    'https://v3-cinemeta.strem.io',
    serviceUrlOrOff,
    'where names and years of titles come from, for providers that search by name; `off` asks nobody',
  ),
  UPSTREAM_ADDONS: unset(
    'none',
    addonUrls,
    'manifests of other Stremio addons whose streams are listed too, separated by spaces',
  ),
  TORZNAB: unset(
    'none',
    providerUrls,
    'Torznab APIs (Jackett, Prowlarr), each with its `apikey`, separated by spaces',
  ),
  FEEDS: unset('none', providerUrls, 'RSS or Atom feeds of torrents, separated by spaces'),
  BLOCKLIST: unset(
    'none',
    filePath,
    'file of IMDb ids, info hashes and host names, one a line, that are never listed, played or asked',
  ),
  CATALOGS: preset(
    'free',
    oneOf('free', 'all', 'off'),
    "what the addon's catalogs show to everybody: `free` names titles with a free licence only, `all` whatever this server holds, `off` nothing",
  ),
  OUTBOUND_ALLOW: unset(
    'none',
    allowList,
    'CIDRs, each with an optional `:port`, that the server may reach although they are not public, such as `192.168.1.0/24`',
  ),
  ADMIN_TOKEN: unset(
    'none',
    secret(16),
    'Bearer token of the management API, 16 characters or more; without it the API answers this machine only, and in production nobody',
  ),
  ACCESS_TOKENS: unset(
    'none',
    filePath,
    "file of viewers' tokens, which `npm run token` writes: only they see lists and play then; without it everybody does",
  ),
  RATE_LIMIT: preset(
    'on',
    onOff,
    'limits for each address (IPv4, or /64 of IPv6; with `ACCESS_TOKENS` each token), as the `LIMIT_` variables say; `off` counts nothing: for trusted networks and tests',
  ),
  LIMIT_LISTS: preset(
    '120',
    wholeNumber(1, 1_000_000, 'lists'),
    'lists of sources that one address may ask for in a minute',
  ),
  LIMIT_SEARCHES: preset(
    '120',
    wholeNumber(1, 1_000_000, 'searches'),
    'pages of catalogs, searches in them and titles that one address may ask for in a minute',
  ),
  LIMIT_COLD_STARTS: preset(
    '60',
    wholeNumber(1, 1_000_000, 'starts'),
    'plays that one address may begin in ten minutes of what is not here yet',
  ),
  LIMIT_STREAMS: preset(
    '32',
    wholeNumber(1, 1_000_000, 'streams'),
    'plays that one address may have open at once',
  ),
  LIMIT_LIVE: preset(
    '8',
    wholeNumber(1, 1_000_000, 'pages'),
    'status pages that one address may have open at once; administrators any number',
  ),
  LIMIT_CONNECTIONS: preset(
    '128',
    wholeNumber(1, 1_000_000, 'connections'),
    'connections that one address may have open at once; those of a proxy that `TRUST_PROXY` names are not counted',
  ),
  MAX_DOWNLOADS: preset(
    '16',
    wholeNumber(1, 1000, 'downloads'),
    'downloads at once; those nobody watches make room at once',
  ),
  TORRENT_PORT: preset('0', wholeNumber(0, 65_535), 'TCP port for peers; `0` takes any free one'),
  DHT: preset('on', onOff, 'find peers by the distributed hash table; `off` in closed networks'),
  PEX: preset('on', onOff, 'learn of peers from peers'),
  LSD: preset('off', onOff, 'find peers on the local network'),
  UPLOAD_LIMIT_KB: preset(
    '256',
    wholeNumber(0, 10_000_000, 'KB/s'),
    'KB/s (10^3 bytes) given back to swarms at most',
  ),
  SHUTDOWN_GRACE: preset(
    '25',
    wholeNumber(0, 3600, 'seconds'),
    'seconds that running streams get when the server is told to stop',
  ),
  LOG_LEVEL: preset(
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  ),
  LOG_FORMAT: unset(
    '`pretty` at a terminal, else `json`',
    oneOf('pretty', 'json'),
    '`pretty`: lines for people, `json`: one object a line for programs',
  ),
  STREMIO_ADDONS_ISSUER: unset(
    'none',
    line(1024),
    'issuer of a stremio-addons.net listing, passed on in the manifest; set both or neither',
  ),
  STREMIO_ADDONS_SIGNATURE: unset('none', line(4096), 'signature that belongs to that issuer'),
} as const

type ValueOf<V> =
  V extends PresetVariable<infer T> ? T : V extends Variable<infer T> ? T | undefined : never

/** Every variable's parsed value. */
export type Values = {
  readonly [Name in keyof typeof variables]: ValueOf<(typeof variables)[Name]>
}

/** Variables of later versions. Setting one is worth a warning, for nothing will happen. */
export const notBuiltYet: readonly string[] = ['NODE_URL', 'CLUSTER_SECRET']

/** Old names, still read where the new one is not set. */
export const renamed: Readonly<Record<string, string>> = {
  MAX_DOWNLOADS: 'MAX_ARRIVALS',
}
