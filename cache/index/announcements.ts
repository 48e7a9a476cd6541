import type { Clock } from '../../common/clock.ts'
import type { AnnouncedNode, CacheIndex } from './cache-index.ts'

interface Announcement {
  readonly json: string
  /** Steady clock, milliseconds. */
  readonly until: number
}

/** Announcements within one process. */
export function createAnnouncements(clock: Clock): Pick<CacheIndex, 'announce' | 'withdraw'> {
  const announced = new Map<string, Announcement>()

  function present(): AnnouncedNode[] {
    const now = clock.steady()
    for (const [node, { until }] of announced) if (until <= now) announced.delete(node)
    return [...announced].map(([node, { json }]) => ({ node, about: JSON.parse(json) }))
  }

  return {
    async announce(node, about, ttlMs) {
      const before = announced.get(node)?.json
      announced.set(node, { json: JSON.stringify(about), until: clock.steady() + ttlMs })
      return present().map((one) =>
        one.node === node && before !== undefined ? { ...one, before: JSON.parse(before) } : one,
      )
    },
    async withdraw(node) {
      announced.delete(node)
    },
  }
}
