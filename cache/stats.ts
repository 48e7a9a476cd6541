import type { Clock } from '../common/clock.ts'
import type { ClusterStats } from '../common/cluster-stats.ts'
import type { PlayStats } from '../common/play-stats.ts'
import type { Config } from '../config/config.ts'
import type { FileStore } from './disk/file-store.ts'
import type { CacheIndex } from './index/cache-index.ts'
import type { DiskState, Janitor } from './limits/janitor.ts'
import { type ProductionReady, productionReady } from './production-ready.ts'

export type Status = 'ok' | 'degraded' | 'draining'

/** Answer of GET /api/cache-stats: sums only, no titles, names of files or addresses. */
interface CacheStats {
  readonly status: Status
  readonly backend: {
    readonly name: string
    readonly shared: boolean
    readonly durable: boolean
    readonly connected: boolean
  }
  readonly node: string
  readonly files: { readonly count: number; readonly max: number }
  readonly disk: DiskState
  /** What the index remembers beside files: source lists and the like, of all nodes that share it. Null: it does not say. */
  readonly meta: { readonly usedBytes: number; readonly maxBytes: number } | null
  readonly arrivals: PlayStats['arrivals']
  readonly plays: Omit<PlayStats, 'arrivals'>
  readonly evictions: Janitor['evictions']
  readonly lastSweep: Janitor['lastSweep'] | null
  /** Where several nodes share one cache: ids, no addresses. */
  readonly cluster?: ClusterStats
  readonly scaling: { readonly nodes: number; readonly recommendation: string }
  readonly productionReady: ProductionReady
  readonly uptimeSeconds: number
}

/** Answer of GET /api/cache-config. */
type CacheConfig = Pick<
  CacheStats,
  'status' | 'backend' | 'disk' | 'scaling' | 'productionReady'
> & {
  readonly config: {
    readonly ttlSeconds: number
    readonly maxFiles: number
    readonly maxDiskBytes: number
    readonly cleanupIntervalSeconds: number
    readonly persistent: boolean
    readonly fill: string
  }
}

export interface CacheReport {
  stats(): Promise<CacheStats>
  config(): Promise<CacheConfig>
}

/** What the operator should change first, in one sentence. */
function recommend(disk: DiskState, evictions: Janitor['evictions'], sharing: string): string {
  if (disk.maxBytes < disk.configuredBytes) {
    return 'The volume of CACHE_DIR has less room than CACHE_MAX_DISK_MB: free some, or lower the limit.'
  }
  if (disk.usedBytes + disk.reservedBytes > disk.maxBytes * 0.9 && evictions.disk > 0) {
    return 'The disk limit evicts files: raise CACHE_MAX_DISK_MB if the volume has room.'
  }
  if (evictions.count > 0) return 'The file limit evicts files: raise CACHE_MAX_SIZE.'
  return sharing
}

/** What nodes have in common. */
function sharingOf(shared: boolean, cluster: ClusterStats | undefined): string {
  if (cluster) return 'Nodes with the same backend share one cache: each film is fetched once.'
  return shared
    ? 'Nodes with the same backend share their source lists.'
    : 'One node is served by this backend; several nodes would need a shared one.'
}

interface ReportDeps {
  config: Config
  store: FileStore
  index: CacheIndex
  janitor: Janitor
  clock: Clock
  /** NODE_ENV */
  nodeEnv: string | undefined
  status: () => Status
  plays: () => PlayStats
  /** Where several nodes share one cache. Never rejects. */
  cluster?: { stats(): Promise<ClusterStats> } | undefined
}

/** The cache's answers for the management API (server/admin/cache-api.ts). */
class Report implements CacheReport {
  readonly #deps: ReportDeps
  readonly #began: number

  constructor(deps: ReportDeps) {
    this.#deps = deps
    this.#began = deps.clock.steady()
  }

  async stats(): Promise<CacheStats> {
    const { config, store, janitor, clock } = this.#deps
    const { arrivals, ...plays } = this.#deps.plays()
    // Without it the rest of the numbers is shown all the same.
    const values = await this.#deps.index.valueBytes().catch(() => undefined)
    const cluster = await this.#deps.cluster?.stats()
    return {
      ...(await this.#common()),
      meta: values ? { usedBytes: values.used, maxBytes: values.max } : null,
      node: store.node,
      ...(cluster && { cluster }),
      // A download without a byte is no file yet.
      files: {
        count: [...store.records()].filter(({ bytes, complete }) => bytes > 0 || complete).length,
        max: config.cache.maxFiles,
      },
      arrivals,
      plays,
      evictions: { ...janitor.evictions },
      lastSweep: janitor.lastSweep ?? null,
      uptimeSeconds: Math.floor((clock.steady() - this.#began) / 1000),
    }
  }

  async config(): Promise<CacheConfig> {
    const { ttlSeconds, maxFiles, maxDiskBytes, cleanupIntervalSeconds, persistent, fill } =
      this.#deps.config.cache
    return {
      ...(await this.#common()),
      config: { ttlSeconds, maxFiles, maxDiskBytes, cleanupIntervalSeconds, persistent, fill },
    }
  }

  async #common() {
    const { index, janitor } = this.#deps
    const disk = await janitor.disk()
    const { name, shared, durable, connected } = index
    const cluster = await this.#deps.cluster?.stats()
    const recommendation = recommend(disk, janitor.evictions, sharingOf(shared, cluster))
    return {
      status: this.#deps.status(),
      backend: { name, shared, durable, connected },
      disk,
      scaling: { nodes: 1 + (cluster?.others.length ?? 0), recommendation },
      productionReady: await productionReady({ ...this.#deps, storedBytes: disk.usedBytes }),
    }
  }
}

export const createCacheReport = (deps: ReportDeps): CacheReport => new Report(deps)
