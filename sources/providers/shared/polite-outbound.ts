import { BulkheadRejectedError, bulkhead, type IPolicy } from 'cockatiel'
import { LRUCache } from 'lru-cache'
import { Fault } from '../../../common/errors.ts'
import type { Outbound } from '../../../common/network/outbound.ts'

const AT_ONCE = 4
const WAITING = 64
const HOSTS = 500

/**
 * At most four requests to one host at once, however many providers ask it; 64 more wait, and any
 * further one fails at once with Fault UPSTREAM_FAILED. A request's timeout begins when its wait is
 * over, but the provider's goes on.
 */
export function createPoliteOutbound(outbound: Outbound): Outbound {
  const hosts = new LRUCache<string, IPolicy>({ max: HOSTS })

  function bulkheadOf(host: string): IPolicy {
    const known = hosts.get(host) ?? bulkhead(AT_ONCE, WAITING)
    hosts.set(host, known)
    return known
  }

  return {
    mayRedirect: (url) => outbound.mayRedirect(url),
    async get(url, request) {
      const host = URL.parse(url)?.host ?? ''
      try {
        return await bulkheadOf(host).execute(() => outbound.get(url, request))
      } catch (error) {
        if (!(error instanceof BulkheadRejectedError)) throw error
        throw new Fault('UPSTREAM_FAILED', {}, { cause: error })
      }
    },
  }
}
