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

/** Servers that hand on each other's bytes; more in a row are a circle that nobody can see whole. */
const MAX_HOPS = 3
const HOPS = /^[0-9a-f]{16}(?: [0-9a-f]{16})*$/

/**
 * The value to send when bytes are asked for on behalf of a request that came with `given`: our id
 * behind those of the others. Undefined: it has come through here, or through too many.
 */
export function nextHops(given: unknown): string | undefined {
  if (given === undefined) return OWN_LOOP_ID
  if (typeof given !== 'string' || given.length > 17 * MAX_HOPS || !HOPS.test(given))
    return undefined
  const before = given.split(' ')
  if (before.length >= MAX_HOPS || before.includes(OWN_LOOP_ID)) return undefined
  return [...before, OWN_LOOP_ID].join(' ')
}
