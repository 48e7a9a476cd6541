import type { CacheIndex } from '../cache/index/cache-index.ts'
import type { Janitor } from '../cache/limits/janitor.ts'
import type { CleanupStack } from '../common/cleanup-stack.ts'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import type { Config } from '../config/config.ts'
import { Cluster } from './cluster.ts'

/** This node among those that share its Redis; undefined: it is alone. `ends` closes it. */
export function openCluster(parts: {
  readonly config: Pick<Config, 'cluster'>
  readonly index: CacheIndex
  readonly store: { readonly node: string }
  readonly janitor: Pick<Janitor, 'disk'>
  readonly version: string
  /** Plays that are answered now. */
  readonly plays: () => number
  readonly clock: Clock
  readonly ends: CleanupStack
  readonly log: Log
}): Cluster | undefined {
  const { config, store, janitor, plays, ends } = parts
  if (!config.cluster) return undefined
  const { url, secret, balancerUrl } = config.cluster
  const about = async () => {
    const { maxBytes, usedBytes } = await janitor.disk()
    return { url, freeBytes: Math.max(0, maxBytes - usedBytes), plays: plays() }
  }
  const cluster = new Cluster({ ...parts, node: store.node, secret, balancerUrl, about })
  ends.defer('cluster', () => cluster.close())
  return cluster
}
