import { connectForLibrary } from '../../cache/backends/redis/redis-client.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { CleanupStack } from '../../common/cleanup-stack.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { Config } from '../../config/config.ts'
import type { ConnectionLimits } from '../http/connection-caps.ts'
import { createClientAddress, createProxyCheck } from '../http/trusted-proxy.ts'
import type { LimitKind } from './limit-kinds.ts'
import { Limits } from './limits.ts'
import { connectionsWithin, openFilesLimit } from './open-files.ts'
import type { SharedCounts } from './rate-limiter.ts'

export interface LimitingParts {
  readonly config: Pick<Config, 'addressLimits' | 'trustProxy' | 'logIp'> & {
    readonly cache: Pick<Config['cache'], 'backend' | 'redis'>
  }
  /** Whether Redis can be used is its business; while it cannot, each node counts for itself. */
  readonly index: Pick<CacheIndex, 'connected'>
  readonly metrics: { limited(kind: LimitKind): void }
  readonly clock: Pick<Clock, 'steady'>
  readonly log: Log
  /** Closes what was made. */
  readonly ends: Pick<CleanupStack, 'defer'>
}

export interface Limiting {
  /** None with RATE_LIMIT=off. */
  readonly limits: Limits | undefined
  readonly caps: ConnectionLimits
}

/** Of a request's 500 ms without Redis most belong to the index. */
const REDIS_TIMEOUT_MS = 100

/** More descriptors than the connections that a server may have in all, and what else it opens. */
const PLENTY = 12_000

/** The limits that the settings name. How many connections there may be in all is no matter of addresses. */
export function createLimits(parts: LimitingParts): Limiting {
  const { config, index, metrics, clock, log, ends } = parts
  const figures = config.addressLimits
  const isProxy = createProxyCheck(config.trustProxy)
  const descriptors = openFilesLimit() ?? PLENTY
  const inAll = descriptors < PLENTY ? { inAll: connectionsWithin(descriptors) } : {}
  if (!figures) {
    const perAddress = Number.POSITIVE_INFINITY
    return { limits: undefined, caps: { perAddress, isProxy, reached() {}, ...inAll } }
  }
  const client =
    config.cache.backend === 'redis'
      ? connectForLibrary(config.cache.redis, REDIS_TIMEOUT_MS)
      : undefined
  const shared: SharedCounts | undefined = client && { client, isUp: () => index.connected }
  const limited = (kind: LimitKind): void => metrics.limited(kind)
  const clientAddress = createClientAddress(config.trustProxy)
  const { logIp } = config
  const limits = new Limits({ figures, shared, clientAddress, isProxy, limited, clock, log, logIp })
  ends.defer('limits', () => {
    limits.close()
    client?.disconnect()
  })
  const reached = (address: string): void => limits.reach('connections', address)
  return { limits, caps: { perAddress: figures.connections, isProxy, reached, ...inAll } }
}
