import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorRequestHandler } from 'express'
import { asFault, Fault } from '../../common/errors.ts'
import { withAdvice } from '../../common/faults/what-to-do.ts'
import type { Log } from '../../common/log.ts'
import { languageOf } from '../words/languages.ts'
import { openToAll } from './cors.ts'
import { type ErrorBody, errorPage, errorPagePolicy } from './error-page.ts'
import { requestId } from './request-id.ts'
import { mayOpenStartPage } from './start-page.ts'

/** What passes by itself: 503 says when to come again even where nobody knows better. */
const USUAL_RETRY_SECONDS: Readonly<Record<number, number>> = { 503: 10 }

/** Headers of an answer that was under way when it failed. */
const OF_PAYLOAD = [
  'Content-Length',
  'Content-Disposition',
  'Content-Encoding',
  'ETag',
  'Last-Modified',
]

/** Express, its router and its file server mark their errors with a `status`; only that is read. */
function statusOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined
  return typeof thrown.status === 'number' ? thrown.status : undefined
}

/** Whatever was thrown on the way to an answer, as a Fault. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown
  const status = statusOf(thrown)
  if (status === 404 || status === 403) return new Fault('NOT_FOUND', {}, { cause: thrown })
  if (status === 416) return new Fault('RANGE_NOT_SATISFIABLE', {}, { cause: thrown })
  if (status !== undefined && status >= 400 && status < 500) {
    return new Fault('BAD_REQUEST', {}, { cause: thrown })
  }
  return asFault(thrown)
}

/** A person's browser going to the address, not a player or a script asking for it. */
function isNavigation(req: IncomingMessage): boolean {
  const mode = req.headers['sec-fetch-mode']
  const accepts = req.headers.accept ?? ''
  if (mode !== undefined) return mode === 'navigate' && accepts.includes('text/html')
  return /^text\/html\b/i.test(accepts)
}

const hasBody = (req: IncomingMessage): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0

export function errorBody(fault: Fault, id: string): ErrorBody {
  const { available } = fault.details
  return {
    error: {
      code: fault.code,
      message: withAdvice(fault.code, fault.message),
      requestId: id,
      ...(available === undefined ? {} : { available }),
    },
  }
}

/**
 * Sends the refusal; in the middle of a body it destroys the socket instead, for a short body must
 * not look complete.
 */
export function sendFault(req: IncomingMessage, res: ServerResponse, fault: Fault): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  for (const name of OF_PAYLOAD) res.removeHeader(name)
  const page = isNavigation(req) ? languageOf(req) : undefined
  const body = errorBody(fault, requestId(req))
  const text = page
    ? errorPage(fault.status, body, page, mayOpenStartPage(req) ? req.url : undefined)
    : JSON.stringify(body)
  if (page) {
    res.setHeader('Content-Security-Policy', errorPagePolicy)
    res.setHeader('Content-Language', page)
  }
  // A body that nobody will read: the connection ends with the answer instead of swallowing it.
  if (!req.complete && hasBody(req)) res.setHeader('Connection', 'close')
  const { allow } = fault.details
  const retryAfterSeconds = fault.details.retryAfterSeconds ?? USUAL_RETRY_SECONDS[fault.status]
  if (allow !== undefined) res.setHeader('Allow', allow)
  if (retryAfterSeconds !== undefined) res.setHeader('Retry-After', Math.ceil(retryAfterSeconds))
  res.writeHead(fault.status, {
    ...openToAll,
    'Cache-Control': 'no-store',
    'Content-Type': page ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    Vary: 'Accept, Accept-Language, Sec-Fetch-Mode',
  })
  res.end(text)
}

/** One line a refusal: the route's pattern, never the URL, which may carry a token or a magnet. */
export function logFault(
  log: Log,
  req: IncomingMessage,
  route: string,
  fault: Fault,
  more: object = {},
): void {
  const line = { requestId: requestId(req), method: req.method, route, code: fault.code, ...more }
  if (fault.code === 'INTERNAL') log.error({ ...line, err: fault.cause ?? fault }, 'failed')
  else log.info({ ...line, status: fault.status }, 'refused')
}

/** Express' last word. Never its own handler: that one shows stacks. */
export function createErrorHandler(
  refused: (req: IncomingMessage, fault: Fault) => void,
): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown, req, res, _next) => {
    const fault = faultOf(thrown)
    refused(req, fault)
    sendFault(req, res, fault)
  }
}
