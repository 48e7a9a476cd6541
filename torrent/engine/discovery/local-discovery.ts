import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import type { LocalAddresses } from '../../../common/network/local-address.ts'
import { localMessage, readLocalMessage } from './local-message.ts'

/** Where BEP 14 has its messages sent. */
export const LOCAL_GROUP = { host: '239.192.152.143', port: 6771 } as const
const ANNOUNCE_MS = 300_000
/** BEP 14: no more often, whoever asks for it. */
const LEAST_MS = 60_000

/**
 * Local service discovery (BEP 14): tells the local network which torrents are here, and hears of its
 * peers. Whatever fails (no network, no multicast, the port is taken) only means that it finds nobody.
 * IPv4 only.
 */
export class LocalDiscovery {
  readonly #port: number
  readonly #by: LocalAddresses | undefined
  readonly #cookie = randomBytes(8).toString('hex')
  /** Who has to hear of the peers of a torrent, and when it was told of last. */
  readonly #torrents = new Map<string, { found(peer: string): void; toldAt: number }>()
  readonly #timer: NodeJS.Timeout
  #socket: Socket | undefined

  /**
   * @param port the one that peers connect to
   * @param by the only addresses it may leave by
   */
  constructor(port: number, by?: LocalAddresses) {
    this.#port = port
    this.#by = by
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket = socket
    socket.on('message', (bytes, from) => this.#received(bytes, from))
    socket.on('error', () => this.#end())
    socket.bind(LOCAL_GROUP.port, () => this.#joinGroup(socket))
    this.#timer = setInterval(() => this.#announceAll(), ANNOUNCE_MS)
  }

  /** @param found told of each peer, as `ip:port` */
  add(infoHash: string, found: (peer: string) => void): void {
    this.#torrents.set(infoHash, { found, toldAt: Number.NEGATIVE_INFINITY })
    this.announce(infoHash)
  }

  remove(infoHash: string): void {
    this.#torrents.delete(infoHash)
  }

  /** Peers of this torrent are needed now. */
  announce(infoHash: string): void {
    const torrent = this.#torrents.get(infoHash)
    const now = performance.now()
    if (!torrent || now - torrent.toldAt < LEAST_MS) return
    torrent.toldAt = now
    const { host, port } = LOCAL_GROUP
    const message = localMessage(`${host}:${port}`, this.#port, infoHash, this.#cookie)
    for (const address of this.#addresses()) {
      // Where an interface has gone, or has no multicast, the others still hear of it.
      attempt(() => {
        this.#socket?.setMulticastInterface(address)
        this.#socket?.send(message, port, host, () => {})
      })
    }
  }

  close(): void {
    clearInterval(this.#timer)
    this.#torrents.clear()
    this.#end()
  }

  #joinGroup(socket: Socket): void {
    for (const address of this.#addresses()) {
      attempt(() => socket.addMembership(LOCAL_GROUP.host, address))
    }
    // What was added before the socket was open was told to nobody.
    for (const torrent of this.#torrents.values()) torrent.toldAt = Number.NEGATIVE_INFINITY
    this.#announceAll()
  }

  #addresses(): readonly string[] {
    if (this.#by) return this.#by.four ? [this.#by.four] : []
    return Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family }) => family === 'IPv4')
      .map(({ address }) => address)
  }

  #announceAll(): void {
    for (const infoHash of this.#torrents.keys()) this.announce(infoHash)
  }

  #received(bytes: Buffer, from: RemoteInfo): void {
    const message = readLocalMessage(bytes)
    if (!message || message.cookie === this.#cookie) return
    for (const infoHash of message.infoHashes) {
      this.#torrents.get(infoHash)?.found(`${from.address}:${message.port}`)
    }
  }

  #end(): void {
    const socket = this.#socket
    this.#socket = undefined
    if (socket) attempt(() => socket.close())
  }
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Nobody is found by it then.
  }
}
