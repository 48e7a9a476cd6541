import { disclosureVariables } from './disclosure-variables.ts'
import { limitVariables } from './limit-variables.ts'
import { allowList, baseUrl, listenHost, nodeUrl, trustProxy } from './network-values.ts'
import { filePath, folder, folders, places } from './place-values.ts'
import { line, oneOf, onOff, secret, wholeNumber } from './plain-values.ts'
import { addonUrls, providerUrls, serviceUrl, serviceUrlOrOff } from './provider-values.ts'
import { redisPlace } from './redis-place.ts'
import { torrentVariables } from './torrent-variables.ts'
import { optional, type Variable, type VariableWithDefault, withDefault } from './variable.ts'

const TEN_YEARS = 315_360_000

/** Everything an operator can set; the table of docs/settings.md is proved equal to it by a test. */
export const variables = {
  PORT: withDefault(
    '7000',
    wholeNumber(0, 65_535),
    'TCP port to listen on; `0` takes any free one',
  ),
  HOST: withDefault('0.0.0.0', listenHost, 'address to listen on'),
  PUBLIC_URL: optional(
    'from the request',
    baseUrl,
    'base of every URL handed out, such as `https://films.example.org/playlink`',
  ),
  TRUST_PROXY: optional(
    'none',
    trustProxy,
    'proxies whose `X-Forwarded-*` headers count, as Express writes it: a number of hops, `loopback`, or CIDRs separated by commas',
  ),
  CACHE_BACKEND: withDefault(
    'memory',
    oneOf('memory', 'sqlite', 'redis'),
    "where the cache's index lives: `memory`, `sqlite` or `redis`. Bytes are always on disk",
  ),
  REDIS_URL: withDefault(
    'redis://127.0.0.1:6379',
    redisPlace,
    'for `redis`: a server, or cluster nodes or sentinels separated by commas, as docs/backends/redis.md tells',
  ),
  NODE_URL: optional(
    'none',
    nodeUrl,
    'where other nodes of the same Redis reach this one, such as `http://10.0.0.4:7000`: they then share one cache, as docs/scaling.md tells; needs CLUSTER_SECRET',
  ),
  CLUSTER_SECRET: optional(
    'none',
    secret(32),
    'the same on all nodes, 32 characters or more: what they ask each other is signed with it',
  ),
  BALANCER_URL: optional(
    'PUBLIC_URL',
    baseUrl,
    'with NODE_URL: where nodes reach the balancer in front of them, such as `http://10.0.0.2`: what is fetched ahead is asked for through it, so that the node which will get the play has it',
  ),
  CACHE_DIR: optional(
    "the user's cache folder",
    folder,
    "folder for the bytes; without it `playlink` in `XDG_CACHE_HOME` or the platform's cache folder, where this user may write, else in the temp folder",
  ),
  SQLITE_PATH: optional(
    '`index.sqlite` in `CACHE_DIR`',
    filePath,
    'file of the `sqlite` backend, on a disk of this machine',
  ),
  CACHE_TTL: withDefault(
    '3600',
    wholeNumber(1, TEN_YEARS, 'seconds'),
    'seconds a file is kept after its last use',
  ),
  CACHE_MAX_SIZE: withDefault(
    '1000',
    wholeNumber(1, 1_000_000),
    'files kept at most, those that still arrive included',
  ),
  CACHE_MAX_DISK_MB: withDefault(
    '5000',
    wholeNumber(1, 1_000_000_000, 'MB'),
    'MB (10^6 bytes) on disk at most, partial files included',
  ),
  CACHE_META_MB: withDefault(
    '64',
    wholeNumber(1, 1_000_000, 'MB'),
    'MB (10^6 bytes) that source lists and what else is remembered of titles take at most, in the memory of the process or in the database; those not used for longest go',
  ),
  CACHE_CLEANUP_INTERVAL: withDefault(
    '300',
    wholeNumber(1, 86_400, 'seconds'),
    'seconds between two sweeps of the cache',
  ),
  CACHE_PERSISTENT: withDefault(
    'false',
    onOff,
    'keep files across restarts; `false` empties the cache at start',
  ),
  CACHE_FILL: withDefault(
    'whole',
    oneOf('whole', 'window'),
    '`whole` fetches the rest of a film while someone watches, `window` only a stretch ahead of the viewer',
  ),
  PLAY_TIMEOUT: withDefault(
    '30',
    wholeNumber(1, 600, 'seconds'),
    'seconds from a request to its first byte, finding peers included',
  ),
  SENDFILE: withDefault(
    'off',
    oneOf('off', 'nginx'),
    '`nginx`: the nginx in front sends complete files itself, as docs/nginx.md tells',
  ),
  BROWSER: withDefault(
    'audio',
    oneOf('off', 'copy', 'audio', 'video'),
    'films made ready for browsers (docs/browsers.md): `audio` also converts sound that they do not play, with ffmpeg; `video` encodes such pictures too, which takes about a core a viewer; `copy` converts nothing; `off`: neither `/hls` nor `/watch`',
  ),
  DIRECT: withDefault(
    'redirect',
    oneOf('redirect', 'relay', 'cache'),
    'links to other servers: `redirect` sends viewers there; `relay` asks for the bytes itself, so that nobody sees who watches (within OUTBOUND_ALLOW and MAX_RELAYS); `cache` does so and keeps them, fetched once however many watch, where the other server sends parts and a strong ETag',
  ),
  ERROR_CLIP: withDefault(
    'on',
    onOff,
    'a player gets a short clip that says what is wrong in place of a bare error status',
  ),
  PREWARM: withDefault(
    '0',
    onOff,
    "`1` looks up the metadata of a list's first source before anybody plays it; `0`: an open list starts no swarm",
  ),
  CATALOGUE: optional(
    'the shipped free titles',
    places,
    'your own titles: files, folders or URLs separated by spaces',
  ),
  LIBRARY: optional(
    'none',
    folders,
    'folders of your own films and series, separated by spaces (docs/providers.md): played from where they are, never copied or removed',
  ),
  ARCHIVE_ORG: withDefault(
    'on',
    onOff,
    'list free films of the Internet Archive; `off` asks it nothing',
  ),
  ARCHIVE_ORG_URL: withDefault('https://archive.org', serviceUrl, 'another base of the same API'),
  CINEMETA_URL: withDefault(
    'https://v3-cinemeta.strem.io',
    serviceUrlOrOff,
    'where names and years of titles come from, for providers that search by name; `off` asks nobody',
  ),
  UPSTREAM_ADDONS: optional(
    'none',
    addonUrls,
    'manifests of other Stremio addons whose streams are listed too, separated by spaces',
  ),
  TORZNAB: optional(
    'none',
    providerUrls,
    'Torznab APIs (Jackett, Prowlarr), each with its `apikey`, separated by spaces',
  ),
  FEEDS: optional('none', providerUrls, 'RSS or Atom feeds of torrents, separated by spaces'),
  PROVIDER_REQUESTS: withDefault(
    '120',
    wholeNumber(10, 100_000, 'requests'),
    'requests that each provider is sent in a minute at most, by one address at most half; over that, lists show what is known',
  ),
  ANIME_IDS: optional(
    'none',
    filePath,
    'file of the table that `npm run anime-ids` writes: with it ids of kitsu and mal are understood (docs/providers.md)',
  ),
  BLOCKLIST: optional(
    'none',
    filePath,
    'file of IMDb ids, info hashes and host names, one a line, that are never listed, played or asked',
  ),
  CATALOGS: withDefault(
    'free',
    oneOf('free', 'all', 'off'),
    "what the addon's catalogs show to everybody: `free` names titles with a free licence only, `all` whatever this server holds, `off` nothing",
  ),
  OUTBOUND_ALLOW: optional(
    'none',
    allowList,
    'CIDRs, each with an optional `:port`, that the server may reach although they are not public, such as `192.168.1.0/24`',
  ),
  ADMIN_TOKEN: optional(
    'none',
    secret(16),
    'Bearer token of the management API, 16 characters or more; without it the API answers this machine only, and in production nobody',
  ),
  ACCESS_TOKENS: optional(
    'none',
    filePath,
    "file of viewers' tokens, which `npm run token` writes: only they see lists and play then; without it everybody does",
  ),
  ...limitVariables,
  MAX_DOWNLOADS: withDefault(
    '16',
    wholeNumber(1, 1000, 'downloads'),
    'downloads at once; those nobody watches make room at once',
  ),
  MAX_RELAYS: withDefault(
    '64',
    wholeNumber(1, 10_000, 'responses'),
    'responses at once that relay links with keys, to all viewers together',
  ),
  SPREAD_AFTER: withDefault(
    '8',
    wholeNumber(0, 100_000, 'viewers'),
    'with NODE_URL: a complete film that more viewers than this watch through this node from another one is copied here, where there is free room; `0`: never',
  ),
  ...torrentVariables,
  SHUTDOWN_GRACE: withDefault(
    '25',
    wholeNumber(0, 3600, 'seconds'),
    'seconds that running streams get when the server is told to stop',
  ),
  LOG_LEVEL: withDefault(
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  ),
  LOG_FORMAT: optional(
    '`pretty` at a terminal, else `json`',
    oneOf('pretty', 'json'),
    '`pretty`: lines for people, `json`: one object a line for programs',
  ),
  ...disclosureVariables,
  STREMIO_ADDONS_ISSUER: optional(
    'none',
    line(1024),
    'issuer of a stremio-addons.net listing, passed on in the manifest; set both or neither',
  ),
  STREMIO_ADDONS_SIGNATURE: optional('none', line(4096), 'signature that belongs to that issuer'),
} as const

type ValueOf<V> =
  V extends VariableWithDefault<infer T> ? T : V extends Variable<infer T> ? T | undefined : never

/** Every variable's parsed value. */
export type Values = {
  readonly [Name in keyof typeof variables]: ValueOf<(typeof variables)[Name]>
}

/** Old names, still read where the new one is not set. */
export const renamed: Readonly<Record<string, string>> = {
  MAX_DOWNLOADS: 'MAX_ARRIVALS',
}
