import type { Clock } from '../common/clock.ts'
import type { PlayStats } from '../common/play-stats.ts'
import type { Config } from '../config/config.ts'
import type { FileStore } from './disk/file-store.ts'
import type { CacheIndex } from './index/cache-index.ts'
import type { DiskState, Janitor } from './limits/janitor.ts'
import { type ProductionReady, productionReady } from './production-ready.ts'

export type Status = 'ok' | 'degraded' | 'draining'

/** Aggregates only: no titles, no names, no addresses (settings: GET /api/cache-config). */
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
  readonly arrivals: PlayStats['arrivals']
  readonly plays: Omit<PlayStats, 'arrivals'>
  readonly evictions: Janitor['evictions']
  readonly lastSweep: Janitor['lastSweep'] | null
  readonly scaling: { readonly nodes: number; readonly recommendation: string }
  readonly productionReady: ProductionReady
  readonly uptimeSeconds: number
}

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

function recommend(disk: DiskState, evictions: Janitor['evictions'], shared: boolean): string {
  if (disk.maxBytes < disk.configuredBytes) {
    return 'The volume of CACHE_DIR has less room than CACHE_MAX_DISK_MB: free some, or lower the limit.'
  }
  if (disk.usedBytes + disk.reservedBytes > disk.maxBytes * 0.9 && evictions.disk > 0) {
    return 'The disk limit evicts files: raise CACHE_MAX_DISK_MB if the volume has room.'
  }
  if (evictions.count > 0) return 'The file limit evicts files: raise CACHE_MAX_SIZE.'
  return shared
    ? 'Nodes with the same backend share their books.'
    : 'One node is served by this backend; several nodes would need a shared one.'
}

/** The cache's answers for the management API. */
export function createCacheReport(deps: {
  config: Config
  store: FileStore
  index: CacheIndex
  janitor: Janitor
  clock: Clock
  /** NODE_ENV */
  nodeEnv: string | undefined
  status: () => Status
  plays: () => PlayStats
}): CacheReport {
  const { store, index, janitor, clock } = deps
  const limits = deps.config.cache
  const began = clock.steady()

  async function common() {
    const disk = await janitor.disk()
    const { name, shared, durable, connected } = index
    return {
      status: deps.status(),
      backend: { name, shared, durable, connected },
      disk,
      scaling: { nodes: 1, recommendation: recommend(disk, janitor.evictions, shared) },
      productionReady: await productionReady({ ...deps, heldBytes: disk.usedBytes }),
    }
  }

  return {
    async stats() {
      const { arrivals, ...plays } = deps.plays()
      return {
        ...(await common()),
        node: store.node,
        files: { count: [...store.records()].length, max: limits.maxFiles },
        arrivals,
        plays,
        evictions: { ...janitor.evictions },
        lastSweep: janitor.lastSweep ?? null,
        uptimeSeconds: Math.floor((clock.steady() - began) / 1000),
      }
    },
    async config() {
      const { ttlSeconds, maxFiles, maxDiskBytes, cleanupIntervalSeconds, persistent, fill } =
        limits
      return {
        ...(await common()),
        config: { ttlSeconds, maxFiles, maxDiskBytes, cleanupIntervalSeconds, persistent, fill },
      }
    },
  }
}
