import type { ShownAddresses } from '../common/network/short-address.ts'
import type { RedisPlace } from './redis-place.ts'

/** A SOCKS5 proxy (RFC 1928), with the user that it wants to hear of (RFC 1929). */
export interface ProxyPlace {
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
}

/** Everything an operator can set, parsed and checked (config/variables.ts has the table). */
export interface Config {
  readonly port: number
  readonly host: string
  /** Without a trailing slash; undefined = taken from each request. */
  readonly publicUrl: string | undefined
  /** Value for Express' `trust proxy`. */
  readonly trustProxy: string | number | boolean | undefined
  readonly cache: {
    readonly backend: 'memory' | 'sqlite' | 'redis'
    /** For the redis backend. */
    readonly redis: RedisPlace
    readonly dir: string
    /** Absolute; only the sqlite backend uses it. */
    readonly sqlitePath: string
    readonly ttlSeconds: number
    readonly maxFiles: number
    readonly maxDiskBytes: number
    /** Of all values in the index: source lists, and what is remembered of titles and files. */
    readonly maxMetaBytes: number
    readonly cleanupIntervalSeconds: number
    readonly persistent: boolean
    readonly fill: 'whole' | 'window'
  }
  /** One of several nodes that share a Redis; undefined: alone. */
  readonly cluster:
    | { readonly url: string; readonly secret: string; readonly balancerUrl: string | undefined }
    | undefined
  readonly playTimeoutSeconds: number
  /** What becomes of links without a key: viewers are sent there, or this server asks for the bytes. */
  readonly direct: 'redirect' | 'relay' | 'cache'
  /** A short clip says why in place of a bare error, to players. */
  readonly errorClip: boolean
  /** What is made ready for browsers: nothing, what is only copied, converted sound too, or encoded pictures too. */
  readonly browser: 'off' | 'copy' | 'audio' | 'video'
  /** Who sends the bodies of complete files. */
  readonly sendfile: 'off' | 'nginx'
  /** A list looks up the metadata of its first source. */
  readonly prewarm: boolean
  /** Files, folders or URLs. */
  readonly catalogues: readonly string[]
  /** Where sources are looked for beside the catalogues; addresses may hold keys. */
  readonly providers: {
    /** Absolute; folders of the operator's own video files. */
    readonly library: readonly string[]
    /** Undefined: the Internet Archive is not asked. */
    readonly archiveUrl: string | undefined
    /** Undefined: no metadata server; nothing is searched by name. */
    readonly cinemetaUrl: string | undefined
    /** Of manifests. */
    readonly addons: readonly string[]
    readonly torznab: readonly string[]
    readonly feeds: readonly string[]
    /** Of each provider. */
    readonly requestsPerMinute: number
  }
  /** Absolute; of the table that tells which title an id of a site about anime is. */
  readonly animeIds: string | undefined
  /** Absolute. */
  readonly blocklist: string | undefined
  /** What the addon's catalogs name: free titles, whatever is here, or there are none. */
  readonly catalogs: 'free' | 'all' | 'off'
  /** CIDRs with an optional port, as written; parsed by common/outbound. */
  readonly outboundAllow: readonly string[]
  readonly adminToken: string | undefined
  /** Absolute; undefined: the addon is open to everybody. */
  readonly accessTokens: string | undefined
  readonly maxDownloads: number
  readonly maxRelays: number
  /** Relayed viewers of one file; 0: it is never copied. */
  readonly spreadAfter: number
  /** For each address: in a minute, in ten for cold starts, the last three at once. Undefined: none. */
  readonly addressLimits:
    | Readonly<
        Record<
          'lists' | 'searches' | 'states' | 'coldStarts' | 'streams' | 'live' | 'connections',
          number
        >
      >
    | undefined
  readonly torrent: {
    readonly port: number
    readonly dht: boolean
    /** `host:port`; undefined: the usual ones. */
    readonly dhtBootstrap: readonly string[] | undefined
    readonly pex: boolean
    readonly lsd: boolean
    /** An address, or an interface by its name; undefined: the system chooses. */
    readonly bind: string | undefined
    /** SOCKS5; everything of the engine goes through it. */
    readonly proxy: ProxyPlace | undefined
    /** The gateway that is asked to let peers through, or `auto`; undefined: none. */
    readonly portMap: string | undefined
    readonly uploadLimitBytes: number
  }
  /** Until when complete files are given back; 0: that does not matter. */
  readonly seeding: { readonly ratio: number; readonly seconds: number }
  /** For public torrents: trackers, and addresses of lists of them. */
  readonly extraTrackers: {
    readonly trackers: readonly string[]
    readonly lists: readonly string[]
  }
  readonly shutdownGraceSeconds: number
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Undefined: `pretty` where somebody watches. */
  readonly logFormat: 'pretty' | 'json' | undefined
  /** How viewers' addresses are shown to the operator. */
  readonly logIp: ShownAddresses
  /** What the install page says of who runs the server; `contact` and `privacyUrl` are links. */
  readonly operator: {
    readonly name: string | undefined
    readonly contact: string | undefined
    readonly privacyUrl: string | undefined
  }
  /** `stremioAddonsConfig` of the manifest, passed through when both are set. */
  readonly stremioAddonsConfig: { readonly issuer: string; readonly signature: string } | undefined
}
