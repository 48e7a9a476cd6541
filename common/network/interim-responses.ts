import type { ClientRequest } from 'node:http'

/** A server that has much to do says 102 or 103 a few times (RFC 9110 15.2). */
const MOST = 20

/** Ends a request that is answered with nothing but interim responses: they count as no byte of an answer, and may never end. */
export function endAtManyInterim(request: ClientRequest): void {
  let left = MOST
  request.on('information', () => {
    if (left-- === 0) request.destroy(new Error('interim responses without end'))
  })
}
