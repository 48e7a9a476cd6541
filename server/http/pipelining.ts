import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** One request of a connection is answered at a time; so many more may have been sent ahead. */
export const MOST_WAITING = 100

interface Waiting {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** Of one connection, for as long as it is open. */
interface Requests {
  isAnswering: boolean
  /** Behind the one that is being answered. */
  readonly waiting: Waiting[]
}

/**
 * Serves pipelined requests one after the other (RFC 9112 9.3.2). Node hands all requests of a
 * chunk to the app at once and keeps their answers in memory until the client reads the first: 100 KB
 * of requests made a gigabyte of answers. Here the next one begins when the answer before it has been
 * taken by the system. A client that sends `MOST_WAITING` requests ahead is cut.
 *
 * A request to upgrade is served as if it were none (RFC 9110 7.8), and is the last of its connection: Node
 * drops what came behind it in the same chunk, and would take the next chunk, the rest of a body perhaps,
 * for a request.
 */
export function inOrder(app: RequestListener): RequestListener {
  const ofConnection = new WeakMap<Socket, Requests>()
  /** Connections that have sent their last request. */
  const ending = new WeakSet<Socket>()

  function serve(req: IncomingMessage, res: ServerResponse, requests: Requests): void {
    const { socket } = req
    requests.isAnswering = true
    // In the next tick: everyone else who waits for this answer's end has heard of it by then.
    res.on('close', () => process.nextTick(serveNext, socket, requests))
    app(req, res)
  }

  function serveNext(socket: Socket, requests: Requests): void {
    const next = requests.waiting.shift()
    if (next && !socket.destroyed) {
      serve(next.req, next.res, requests)
    } else {
      requests.isAnswering = false
      requests.waiting.length = 0
    }
  }

  return (req, res) => {
    const { socket } = req
    if (socket.destroyed || ending.has(socket)) return
    if (req.headers.upgrade !== undefined) {
      ending.add(socket)
      res.shouldKeepAlive = false
    }
    let requests = ofConnection.get(socket)
    if (!requests) {
      requests = { isAnswering: false, waiting: [] }
      ofConnection.set(socket, requests)
    }
    const { isAnswering, waiting } = requests
    if (!isAnswering) {
      serve(req, res, requests)
    } else if (waiting.length < MOST_WAITING) {
      waiting.push({ req, res })
    } else {
      waiting.length = 0
      socket.destroy()
    }
  }
}

/** What Node's parser is told of a request: 2 says that what follows is not HTTP, and is not for it. */
type OnIncoming = (req: IncomingMessage, keepAlive: boolean) => number
const NOT_HTTP = 2

/**
 * Requests of a connection that was cut are not parsed. Node itself parses on to the end of what it read,
 * 1,900 requests in 64 KiB, and makes an answer for each, which holds everybody else for 40 ms and more.
 * There is no public way: where a Node has no such parser, nothing changes but that.
 */
export function parseUntilCut(server: Server): void {
  server.on('connection', (socket: Socket) => {
    const { parser } = socket as { parser?: { onIncoming?: OnIncoming } | null }
    const onIncoming = parser?.onIncoming
    if (!parser || typeof onIncoming !== 'function') return
    parser.onIncoming = (req, keepAlive) =>
      socket.destroyed ? NOT_HTTP : onIncoming(req, keepAlive)
  })
}
