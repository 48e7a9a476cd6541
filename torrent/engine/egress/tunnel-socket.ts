import { Socket, type SocketConstructorOpts } from 'node:net'
import type { ProxyDialer } from './proxy-dialer.ts'
import { Command, type Target } from './socks-messages.ts'

/** As net.connect has it: where what is read goes to. */
export interface OnRead {
  readonly buffer: Uint8Array
  callback(length: number, buffer: Uint8Array): boolean
}

/**
 * A connection through the proxy, which looks like one to its target: it is connected when the proxy has
 * reached that. Nothing may be written or read before.
 */
export class TunnelSocket extends Socket {
  readonly #dialer: ProxyDialer
  readonly #target: Target
  readonly #onRead: OnRead | undefined
  #isOpen = false

  constructor(
    dialer: ProxyDialer,
    target: Target,
    { onRead, ...options }: SocketConstructorOpts & { readonly onRead?: OnRead | undefined } = {},
  ) {
    super(options)
    this.#dialer = dialer
    this.#target = target
    this.#onRead = onRead
    // Who is at the other end of the tunnel: by that others know a peer.
    Object.defineProperties(this, {
      remoteAddress: { value: target.host },
      remotePort: { value: target.port },
    })
    try {
      dialer.check(target)
      dialer.connect(this)
    } catch (error) {
      process.nextTick(() => this.destroy(error as Error))
    }
  }

  /** That the proxy is connected is no news for others, nor what it says until the tunnel is open. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const isOurs = event === 'connect' || event === 'ready' || event === 'data'
    if (this.#isOpen || !isOurs) return super.emit(event, ...args)
    if (event === 'connect') void this.#enter()
    return true
  }

  async #enter(): Promise<void> {
    try {
      await this.#dialer.shakeHands(this, Command.connect, this.#target)
    } catch (error) {
      this.destroy(error as Error)
      return
    }
    if (this.destroyed) return
    this.#isOpen = true
    if (this.#onRead) this.#readInto(this.#onRead)
    this.emit('connect')
    this.emit('ready')
  }

  #readInto({ buffer, callback }: OnRead): void {
    this.on('data', (chunk: Buffer) => {
      for (let from = 0; from < chunk.length; from += buffer.length) {
        callback(chunk.copy(buffer, 0, from), buffer)
      }
    })
  }
}
