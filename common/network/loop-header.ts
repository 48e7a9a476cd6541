import { randomBytes } from 'node:crypto'

/**
 * Addons that ask other addons could ask each other in a circle. Each request that we send to an
 * addon carries this header with an id of this process. A Playlink that receives the header asks no
 * other addons, and the process that finds its own id in it knows that it has asked itself.
 */
export const LOOP_HEADER = 'x-playlink-hop'

/** The value that this process sends in `LOOP_HEADER`. */
export const OWN_LOOP_ID = randomBytes(8).toString('hex')

/** Who sent a request: a viewer, another addon, or this process itself (a circle). */
export type LoopCheck = 'viewer' | 'addon' | 'self'

/** @param header the value of `LOOP_HEADER` in a request */
export function checkLoop(header: unknown): LoopCheck {
  if (header === undefined) return 'viewer'
  return header === OWN_LOOP_ID ? 'self' : 'addon'
}
