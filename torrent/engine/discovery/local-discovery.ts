import { randomBytes } from 'node:crypto'
import type { RemoteInfo } from 'node:dgram'
import type { LocalAddresses } from '../../../common/network/local-address.ts'
import { localMessage, readLocalMessage } from './local-message.ts'
import { LOCAL_GROUPS, type LocalGroup, LocalSocket } from './local-socket.ts'

const ANNOUNCE_MS = 300_000
/** BEP 14: no more often, whoever asks for it. */
const LEAST_MS = 60_000

/**
 * Local service discovery (BEP 14): tells the local network which torrents are here, and hears of its
 * peers, over IPv4 and IPv6.
 */
export class LocalDiscovery {
  readonly #port: number
  readonly #cookie = randomBytes(8).toString('hex')
  /** Who has to hear of the peers of a torrent, and when it was told of last. */
  readonly #torrents = new Map<string, { found(peer: string): void; toldAt: number }>()
  readonly #timer: NodeJS.Timeout
  readonly #groups: readonly LocalGroup[]
  readonly #sockets: ReadonlyMap<LocalGroup, LocalSocket>

  /**
   * @param port the one that peers connect to
   * @param by the only addresses it may leave by
   */
  constructor(port: number, by?: LocalAddresses) {
    this.#port = port
    const heard = (bytes: Buffer, from: RemoteInfo): void => this.#received(bytes, from)
    // Where sockets leave by one address only, they hear the group of IPv4.
    this.#groups = by ? LOCAL_GROUPS.slice(0, 1) : LOCAL_GROUPS
    this.#sockets = new Map(
      this.#groups.map((group) => [
        group,
        new LocalSocket(group, by, heard, () => this.#tellAll([group])),
      ]),
    )
    this.#timer = setInterval(() => this.#tellAll(this.#groups), ANNOUNCE_MS)
  }

  /** @param found told of each peer, as `ip:port` or `[ip]:port` */
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
    this.#tell(infoHash, this.#groups)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#torrents.clear()
    for (const socket of this.#sockets.values()) socket.close()
  }

  #tell(infoHash: string, groups: readonly LocalGroup[]): void {
    for (const group of groups) {
      const { host, port, family } = group
      const name = family === 6 ? `[${host}]:${port}` : `${host}:${port}`
      this.#sockets.get(group)?.send(localMessage(name, this.#port, infoHash, this.#cookie))
    }
  }

  /** Also when a socket is ready: what was told before nobody heard there. */
  #tellAll(groups: readonly LocalGroup[]): void {
    for (const [infoHash, torrent] of this.#torrents) {
      torrent.toldAt = performance.now()
      this.#tell(infoHash, groups)
    }
  }

  #received(bytes: Buffer, from: RemoteInfo): void {
    const message = readLocalMessage(bytes)
    if (!message || message.cookie === this.#cookie) return
    const host = from.family === 'IPv6' ? `[${from.address}]` : from.address
    for (const infoHash of message.infoHashes) {
      this.#torrents.get(infoHash)?.found(`${host}:${message.port}`)
    }
  }
}
