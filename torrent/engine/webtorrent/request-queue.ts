import { OUR_REQUEST_QUEUE, SILENT_REQUEST_QUEUE } from '../wire/extension-protocol.ts'
import type { WtRequest, WtWire } from './webtorrent-types.ts'

/** So many bytes are read for a peer ahead of what it takes; then its requests wait. */
const MAX_AHEAD_BYTES = 1 << 20
const LOOK_EVERY_MS = 25

/**
 * Limits what one peer requests of webtorrent, which itself keeps whatever number of requests, and for
 * ever those of pieces that are not here. Says how many
 * requests we keep (BEP 10 `reqq`), and rejects what is more. To be called before the extended
 * handshake.
 */
export function limitRequests(wire: WtWire, has: (piece: number) => boolean): void {
  wire.extendedHandshake.reqq = OUR_REQUEST_QUEUE
  const serve = wire._onRequest.bind(wire)
  const waiting: WtRequest[] = []
  let timer: NodeJS.Timeout | undefined
  const bytesAhead = (): number =>
    wire.peerRequests.reduce((sum, { length }) => sum + length, wire._readableState.buffered)
  const serveNext = (): void => {
    timer = undefined
    while (waiting.length > 0 && bytesAhead() < MAX_AHEAD_BYTES) {
      serve(...(waiting.shift() as WtRequest))
    }
    if (waiting.length > 0) timer = setTimeout(serveNext, LOOK_EVERY_MS)
  }
  wire._onRequest = (...request) => {
    const most = wire.hasFast ? OUR_REQUEST_QUEUE : SILENT_REQUEST_QUEUE
    const isFull = waiting.length + wire.peerRequests.length >= most
    if (isFull || !has(request[0])) {
      // Without the fast extension (BEP 6) there is no way to say so.
      if (wire.hasFast) wire.reject(...request)
      return
    }
    waiting.push(request)
    if (timer === undefined) serveNext()
  }
  wire.on('cancel', (...request: WtRequest) => {
    const at = waiting.findIndex((one) => one.every((value, i) => value === request[i]))
    if (at >= 0) waiting.splice(at, 1)
  })
  wire.once('finish', () => {
    clearTimeout(timer)
    waiting.length = 0
  })
}
