import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { ConnectionCaps, type ConnectionLimits } from './connection-caps.ts'
import { type Connections, watchConnections } from './connections.ts'
import { logFault } from './errors.ts'
import type { Lifecycle } from './lifecycle.ts'
import { inOrder, parseUntilCut } from './pipelining.ts'
import { answerRaw } from './raw-answer.ts'
import { nextRequestId } from './request-id.ts'

export interface ServeOptions {
  readonly app: RequestListener
  /** drain() turns it: /ready answers 503 at once. */
  readonly lifecycle: Pick<Lifecycle, 'drain'>
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Milliseconds that running responses get at drain(). */
  readonly graceMs: number
  readonly log: Log
  /** How many connections may be open; any number unless given. */
  readonly caps?: ConnectionLimits | undefined
  /** Milliseconds until the headers must be there. 10 s. */
  readonly headersMs?: number
}

export interface Listening {
  readonly port: number
  /**
   * Stops accepting; ends idle and half-sent connections at once and running ones when their
   * response is out, or after the grace. Resolves when no connection is left.
   */
  drain(): Promise<void>
  /** Ends everything now. */
  destroy(): void
}

/** A body here has 4 KiB at most; 30 s are plenty for it. */
const REQUEST_MS = 30_000
/** Longer than nginx keeps its side (60 s), so it never sends into a connection we are closing. */
const KEEP_ALIVE_MS = 65_000
/**
 * Connections that wait to be accepted; the system may allow fewer (Linux: net.core.somaxconn, 4096). Of
 * Node's 511 one client takes all in a breath, and everybody else's is then only tried again after 1, 3
 * or 7 seconds (RFC 6298).
 */
const BACKLOG = 4096

function configuredServer(headersMs: number): Server {
  return createServer({
    headersTimeout: headersMs,
    requestTimeout: Math.max(REQUEST_MS, headersMs),
    // Node looks for late ones this often only; its 30 s would make 10 s of headersTimeout 40.
    connectionsCheckingInterval: Math.min(1000, headersMs),
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 16 * 1024,
    // The app answers a missing Host in our own shape.
    requireHostHeader: false,
  })
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** What could not become a request: 400, or 431 for headers too large; never into a running body. */
function refuseUnreadable(error: Error, socket: Duplex, connections: Connections, log: Log): void {
  if (codeOf(error) === 'ECONNRESET' || !socket.writable || connections.isAnswering(socket)) {
    socket.destroy()
    return
  }
  const fault =
    codeOf(error) === 'HPE_HEADER_OVERFLOW'
      ? new Fault('HEADERS_TOO_LARGE')
      : new Fault('BAD_REQUEST')
  const requestId = nextRequestId()
  log.info({ requestId, route: 'unreadable', status: fault.status, code: fault.code }, 'refused')
  answerRaw(socket, fault, requestId)
}

/** Serves the app. @throws the listen error (EADDRINUSE, EACCES) */
export async function serve(options: ServeOptions): Promise<Listening> {
  const { app, lifecycle, host, port, graceMs, log } = options
  const server = configuredServer(options.headersMs ?? 10_000)
  const caps = options.caps && new ConnectionCaps(options.caps)
  const connections = watchConnections(server, caps)
  parseUntilCut(server)
  server.on('request', inOrder(app))
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, connections, log))
  server.on('connect', (req, socket) => {
    // Behind other requests it would be read as the answer to the first of them.
    if (!connections.isIdle(socket)) return void socket.destroy()
    const fault = new Fault('METHOD_NOT_ALLOWED', { allow: 'GET, HEAD, OPTIONS' })
    logFault(log, req, 'unreadable', fault)
    answerRaw(socket, fault)
  })
  // A request like any other, which the request checks refuse; Node would send a bare 417.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // From here on an error is one of accept() (EMFILE): those waiting meet it, the others go on.
  server.on('error', (err) => log.error({ err }, 'accept failed'))

  let drained: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    drain() {
      lifecycle.drain()
      drained ??= connections.drain(graceMs)
      return drained
    },
    destroy() {
      server.close()
      connections.destroy()
    },
  }
}
