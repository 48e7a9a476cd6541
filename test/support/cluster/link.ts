import { connect, createServer, type Socket } from 'node:net'
import { listen } from '../server/listening.ts'

/** The way to one node, as the other nodes go it: a TCP proxy that can be made worse. */
export interface Link {
  readonly port: number
  /** Bytes that the node has got rid of into it. */
  readonly sent: number
  /** Connections that are open. */
  readonly connections: number
  /** A good line from now on. What stood still is reset, as by a router that has forgotten it. */
  mend(): void
  /** Ends every connection in the middle; new ones are made. */
  cut(): void
  /** Cuts, and refuses new ones. */
  refuse(): void
  /** No byte passes, either way, and nobody is told: half-open. New connections are made all the same. */
  freeze(): void
  /** Bytes a second that pass to who asks, on each connection. */
  slow(bytesPerSecond: number): void
  end(): Promise<void>
}

type State = 'good' | 'refusing' | 'frozen'

class Pair {
  readonly #near: Socket
  readonly #far: Socket
  #timer: NodeJS.Timeout | undefined

  constructor(near: Socket, far: Socket) {
    this.#near = near
    this.#far = far
  }

  freeze(): void {
    clearTimeout(this.#timer)
    this.#near.pause()
    this.#far.pause()
  }

  /** Passes an answer on, and reads no more of it before its time. */
  pass(chunk: Buffer, rate: number): void {
    const taken = this.#near.write(chunk)
    if (taken && rate === Number.POSITIVE_INFINITY) return
    this.#far.pause()
    const goOn = (): void => void this.#far.resume()
    const later = (): void => {
      this.#timer = setTimeout(goOn, (chunk.length / rate) * 1000)
    }
    if (taken) later()
    else this.#near.once('drain', later)
  }

  cut(): void {
    clearTimeout(this.#timer)
    for (const socket of [this.#near, this.#far]) {
      if (socket.connecting) socket.destroy()
      else socket.resetAndDestroy()
    }
  }
}

/** @param to port of the node */
export async function startLink(to: number): Promise<Link> {
  const pairs = new Set<Pair>()
  let state: State = 'good'
  let rate = Number.POSITIVE_INFINITY
  let sent = 0

  const server = createServer((near) => {
    near.on('error', () => {})
    if (state === 'refusing') return void near.resetAndDestroy()
    const far = connect(to, '127.0.0.1')
    const pair = new Pair(near, far)
    pairs.add(pair)
    near.on('data', (chunk: Buffer) => void far.write(chunk))
    far.on('data', (chunk: Buffer) => {
      sent += chunk.length
      pair.pass(chunk, rate)
    })
    near.on('end', () => far.end())
    far.on('end', () => near.end())
    const over = (): void => {
      if (state === 'frozen') return
      pair.cut()
      pairs.delete(pair)
    }
    for (const socket of [near, far]) socket.on('error', () => {}).on('close', over)
    if (state === 'frozen') pair.freeze()
  })
  const cut = (): void => {
    for (const pair of pairs) pair.cut()
    pairs.clear()
  }
  const port = await listen(server)
  return {
    port,
    cut,
    get sent() {
      return sent
    },
    get connections() {
      return pairs.size
    },
    mend() {
      if (state === 'frozen') cut()
      state = 'good'
      rate = Number.POSITIVE_INFINITY
    },
    refuse() {
      state = 'refusing'
      cut()
    },
    freeze() {
      state = 'frozen'
      for (const pair of pairs) pair.freeze()
    },
    slow(bytesPerSecond) {
      rate = bytesPerSecond
    },
    async end() {
      state = 'good'
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
