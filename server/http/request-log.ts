import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { pinoHttp } from 'pino-http'
import type { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { HEALTH_PATHS } from './lifecycle.ts'
import { requestId } from './request-id.ts'

/** What Express knows of the route once it has matched; undefined: none did. */
function routePattern(req: IncomingMessage): string | undefined {
  const route: unknown = 'route' in req ? req.route : undefined
  if (typeof route !== 'object' || route === null || !('path' in route)) return undefined
  return Array.isArray(route.path) ? route.path.join(' ') : String(route.path)
}

const faults = new WeakMap<IncomingMessage, Fault>()

/** The refusal becomes part of the request's one line. */
export function noteFault(req: IncomingMessage, fault: Fault): void {
  faults.set(req, fault)
}

function level(req: IncomingMessage, res: ServerResponse): 'debug' | 'info' | 'error' {
  if (faults.get(req)?.code === 'INTERNAL') return 'error'
  // Asked every few seconds by whoever watches this server.
  const watched =
    HEALTH_PATHS.includes(routePattern(req) ?? '') || routePattern(req)?.startsWith('/api')
  return watched && res.statusCode < 400 ? 'debug' : 'info'
}

/** What the line says: the route's pattern, never the URL, which may carry a token or a magnet. */
function facts(req: IncomingMessage, res: ServerResponse): object {
  const fault = faults.get(req)
  return {
    method: req.method,
    route: routePattern(req),
    status: res.statusCode,
    ...(fault ? { code: fault.code } : {}),
    // pino-http would make an error of its own for every 5xx; the cause is what helps.
    ...(fault?.code === 'INTERNAL' ? { err: fault.cause ?? fault } : {}),
  }
}

/** One line for every request that is not a play. */
export function createRequestLog(log: Log): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: requestId,
    customLogLevel: level,
    customAttributeKeys: { reqId: 'requestId', responseTime: 'ms' },
    customSuccessObject: (req, res, base: { ms?: number }) => ({ ...facts(req, res), ms: base.ms }),
    customErrorObject: (req, res, _error, base: { ms?: number }) => ({
      ...facts(req, res),
      ms: base.ms,
    }),
    customSuccessMessage: (req) => (faults.has(req) ? 'refused' : 'answered'),
    customErrorMessage: (req) => (faults.get(req)?.code === 'INTERNAL' ? 'failed' : 'refused'),
    quietReqLogger: true,
    quietResLogger: true,
  })
}
