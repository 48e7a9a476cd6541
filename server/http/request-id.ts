import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
// Declares `id` on IncomingMessage, so that both our lines and pino-http's carry the same one.
import type {} from 'pino-http'

// A random start and a counter: as unique as a UUID for a log, at a fraction of its cost.
const start = randomBytes(5).toString('hex')
let counted = 0

export const nextRequestId = (): string => `${start}-${(++counted).toString(36)}`

/** The request's id, given at first need; ours alone: one that a client sends is not believed. */
export function requestId(req: IncomingMessage): string {
  if (typeof req.id !== 'string') req.id = nextRequestId()
  return req.id
}
