import { randomBytes } from 'node:crypto'

/**
 * Addons that ask addons could ask in a circle. What we send carries this header with a name of this
 * process. Whoever gets it, a Playlink at least, does not ask other addons in turn; and the process
 * whose name it is has met itself.
 */
export const LOOP_HEADER = 'x-playlink-hop'

export const ownHop = randomBytes(8).toString('hex')

/** Who asks: `none`: a viewer; `relayed`: another addon; `ours`: we ourselves, in a circle. */
export type Hop = 'none' | 'relayed' | 'ours'

export function hopOf(header: unknown): Hop {
  if (header === undefined) return 'none'
  return header === ownHop ? 'ours' : 'relayed'
}
