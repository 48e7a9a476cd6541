/**
 * Places in the code where a crash would leave something half done. A test names one in the
 * variable PLAYLINK_KILL_AT, and the process kills itself there with SIGKILL
 * (test/races/kill-points.test.ts).
 */
export const killPoints = [
  'folder:locked',
  'folder:marked',
  'empty:one',
  'reconcile:torrent',
  'reconcile:orphan',
  'open:payload',
  'open:sidecar',
  'mark:sidecar',
  'publish:begin',
  'publish:synced',
  'publish:sidecar',
  'publish:index',
  'settle:synced',
  'settle:sidecar',
  'remove:begin',
  'remove:payload',
  'remove:edge',
  'remove:sidecar',
  'remove:metainfo',
  'remove:edges',
  'remove:folder',
  'remove:index',
  'evict:one',
  'sweep:step',
  'replace:opened',
  'replace:written',
  'replace:renamed',
  'journal:append',
] as const

export type KillPoint = (typeof killPoints)[number]

/**
 * @param list comma-separated `name[:nth]`: die when the point is passed for the nth time, from 1
 * (the default); the name `any` stands for every point
 * @throws RangeError for an unknown name: a test that never kills would prove nothing
 */
export function killerOf(list: string, die: () => void): (name: KillPoint) => void {
  const left = new Map<string, number>()
  for (const item of list.split(',')) {
    const [, name = '', nth = '1'] = /^(\w+(?::[a-z]+)?)(?::(\d+))?$/.exec(item.trim()) ?? []
    if (name !== 'any' && !killPoints.some((known) => known === name)) {
      throw new RangeError(`PLAYLINK_KILL_AT names no kill point: ${item}`)
    }
    left.set(name, Number(nth))
  }
  const isLast = (name: string): boolean => {
    const count = left.get(name)
    if (count === undefined) return false
    left.set(name, count - 1)
    return count === 1
  }
  return (name) => {
    const [here, anywhere] = [isLast(name), isLast('any')]
    if (here || anywhere) die()
  }
}

const list = process.env.PLAYLINK_KILL_AT

/** Does nothing unless PLAYLINK_KILL_AT is set. */
export const killPoint: (name: KillPoint) => void = list
  ? killerOf(list, () => process.kill(process.pid, 'SIGKILL'))
  : () => {}
