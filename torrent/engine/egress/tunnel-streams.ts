import http from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import net, { Server, Socket } from 'node:net'
import tls from 'node:tls'
import { connectArguments } from '../../../common/network/connect-arguments.ts'
import type { ProxyDialer } from './proxy-dialer.ts'
import { type OnRead, TunnelSocket } from './tunnel-socket.ts'

type Call = (this: unknown, ...args: unknown[]) => unknown
type Created = (error: Error | null, socket?: Socket) => void

/** A connection was begun in a way that knows no proxy. */
class PastTheProxy extends Error {
  override readonly name = 'PastTheProxy'
  readonly code = 'EACCES'
}

/**
 * Every connection of this process goes through the proxy: those of net.connect, and of http and https with
 * whatever agent. One that is begun in another way fails. Listeners hear this machine only, for peers
 * cannot reach us through the proxy. It cannot be undone.
 */
export function tunnelStreams(dialer: ProxyDialer): void {
  const connect = (...args: unknown[]): Socket => {
    const { options, callback } = connectArguments(args)
    const { onread, ...given } = (options ?? {}) as { readonly onread?: OnRead }
    const socket = new TunnelSocket(dialer, targetOf(options), { ...given, onRead: onread })
    if (callback) socket.once('connect', callback)
    return socket
  }
  net.connect = net.createConnection = connect as typeof net.connect
  const create = (options: tls.ConnectionOptions, secure: boolean, created: Created): void => {
    const tunnel = new TunnelSocket(dialer, targetOf(options))
    tunnel.once('error', created)
    tunnel.once('connect', () => {
      tunnel.off('error', created)
      created(null, secure ? tls.connect({ ...options, socket: tunnel }) : tunnel)
    })
  }
  const agents: [object, boolean][] = [
    [http.Agent.prototype, false],
    [https.Agent.prototype, true],
  ]
  for (const [agent, secure] of agents) {
    Object.assign(agent, {
      createConnection: (options: tls.ConnectionOptions, created: Created): void =>
        create(options, secure, created),
    })
  }
  refuseOthers()
  syncBuiltinESMExports()
}

const targetOf = (options: { host?: unknown; port?: unknown } | undefined) => ({
  host: String(options?.host ?? 'localhost'),
  port: Number(options?.port),
})

function refuseOthers(): void {
  const { connect } = Socket.prototype
  const refuse = function (this: Socket, ...args: unknown[]): Socket {
    const { options } = connectArguments(args)
    if (options?.path) return (connect as Call).apply(this, args) as Socket
    process.nextTick(() => this.destroy(new PastTheProxy('a connection past the proxy')))
    return this
  }
  Socket.prototype.connect = refuse as typeof Socket.prototype.connect
  const listen = Server.prototype.listen as Call
  const near = function (this: Server, ...args: unknown[]): unknown {
    const [first] = args
    if (typeof first === 'object' && first !== null && !('port' in first)) {
      return listen.apply(this, args)
    }
    const callback = args.findLast((one) => typeof one === 'function')
    return listen.call(this, { port: 0, host: '127.0.0.1' }, callback)
  }
  Server.prototype.listen = near as typeof Server.prototype.listen
}
