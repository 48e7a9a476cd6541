import type { Duplex } from 'node:stream'
import type { Fault } from '../../common/errors.ts'
import { openToAll } from './cors.ts'
import { errorBody } from './errors.ts'
import { nextRequestId } from './request-id.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  431: 'Request Header Fields Too Large',
}

/**
 * The error body for what never became a request (unreadable, too long, too slow, CONNECT), then
 * the end of the connection.
 */
export function answerRaw(socket: Duplex, fault: Fault, id = nextRequestId()): void {
  // A broken pipe here has no other listener and would end the process.
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(errorBody(fault, id))
  const headers = {
    ...openToAll,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
    ...(fault.details.allow === undefined ? {} : { Allow: fault.details.allow }),
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const status = `HTTP/1.1 ${fault.status} ${REASONS[fault.status] ?? 'Error'}\r\n`
  socket.end(`${status}${head.join('')}\r\n${body}`, () => socket.destroy())
}
