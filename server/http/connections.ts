import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionCaps, RefusedAtOnce } from './connection-caps.ts'

/** Which connections are open and what runs on them: what a server needs to end in order. */
export interface Connections {
  /** Whether headers of a response are out on it and its body is not. */
  isAnswering(socket: Duplex): boolean
  /** Whether no request of it waits for its answer, or for the rest of it. */
  isIdle(socket: Duplex): boolean
  /**
   * Stops accepting. `server.close()` alone would wait for keep-alive and half-sent connections:
   * those end at once, running responses say `Connection: close` and end theirs, or the grace
   * (milliseconds) does. Resolves when none is left.
   */
  drain(graceMs: number): Promise<void>
  destroy(): void
}

/** Fires when the client has gone before its answer. The listener ends with the response. */
export function untilGone(res: Pick<ServerResponse, 'once'>): AbortSignal {
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  return gone.signal
}

interface Running {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

/** A request that is still being sent has waited for nothing yet: it can go elsewhere. */
const isHalfSent = ({ req, res }: Running): boolean =>
  !res.headersSent && !req.complete && req.method === 'POST'

function endIdle(open: ReadonlyMap<Duplex, readonly Running[]>): void {
  for (const [socket, running] of open) {
    for (const { res } of running) if (!res.headersSent) res.setHeader('Connection', 'close')
    if (running.every(isHalfSent)) socket.destroy()
  }
}

/**
 * Attach before the app's own listener: it must see a request first.
 * @param caps which connections may stay; all of them unless given
 */
export function watchConnections(server: Server, caps?: ConnectionCaps): Connections {
  /**
   * Every open connection, with the responses not yet closed on it. Lists: a set that one comes to and
   * goes from for hours leaves a chain of old tables, which only a full collection ends.
   */
  const open = new Map<Duplex, Running[]>()
  let draining = false

  const isIdle = (socket: Duplex): boolean => (open.get(socket)?.length ?? 0) === 0

  // An option of net.Server that http's does not hand on.
  if (caps) Object.assign(server, { blockList: new RefusedAtOnce(caps) })
  server.on('connection', (socket: Socket) => {
    if (caps && !caps.admit(socket, isIdle)) return void socket.destroy()
    open.set(socket, [])
    socket.once('close', () => open.delete(socket))
  })

  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req
    // Node reads what was sent in one breath to its end, when nobody will answer it any more.
    if (socket.destroyed) return
    const running: Running = { req, res }
    open.get(socket)?.push(running)
    if (draining) res.setHeader('Connection', 'close')
    res.on('close', () => {
      const left = open.get(socket)
      left?.splice(left.indexOf(running), 1)
      // Its headers may have been out before the drain, promising keep-alive.
      if (draining && left?.length === 0) socket.destroySoon()
    })
  })

  const destroy = (): void => {
    for (const socket of open.keys()) socket.destroy()
  }

  return {
    isIdle,
    isAnswering: (socket) => open.get(socket)?.some(({ res }) => res.headersSent) ?? false,
    drain(graceMs) {
      draining = true
      return new Promise((resolve) => {
        const grace = setTimeout(destroy, graceMs)
        // Calls back when the last connection has closed; an error says it was not listening.
        server.close(() => {
          clearTimeout(grace)
          resolve()
        })
        endIdle(open)
      })
    },
    destroy,
  }
}
