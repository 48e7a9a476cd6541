import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import type { AddressRules } from '../../../common/network/address-rules.ts'
import { checkedLookup } from '../../../common/network/checked-lookup.ts'
import type { Announcement, TrackerAnswer } from './announcement.ts'
import { addressesOf } from './tracker-lookup.ts'
import {
  announceRequest,
  connectRequest,
  newTransaction,
  readAnnounce,
  readConnect,
  transactionOf,
} from './udp-messages.ts'

/**
 * How long an answer is waited for, try by try. Doubled as in BEP 15, but from less than its 15
 * seconds: a viewer waits, and a packet that was lost is the usual reason.
 */
const RETRY_MS = [1500, 3000, 6000, 12_000]
/** A client may use a connection id for a minute (BEP 15). */
const CONNECTION_MS = 60_000
const MAX_CONNECTIONS = 200

/** A tracker's address, as it was checked; or its name, where a proxy resolves it. */
interface Endpoint {
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

interface Answer {
  readonly message: Buffer
  /** Of the address that it came from. */
  readonly family: 4 | 6
}

interface Pending extends Endpoint {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** Announces to UDP trackers (BEP 15), over IPv4 and IPv6; one socket of each for all torrents. */
export class UdpTrackers {
  readonly #rules: AddressRules
  readonly #lookup: LookupFunction | undefined
  readonly #sockets = new Map<4 | 6, Socket>()
  readonly #pending = new Map<number, Pending>()
  readonly #connections = new LRUCache<string, { readonly id: Buffer; readonly until: number }>({
    max: MAX_CONNECTIONS,
  })
  #closed = false

  /** @param lookup undefined: names are sent as they are, for the proxy of this process */
  constructor(rules: AddressRules, lookup: LookupFunction | undefined) {
    this.#rules = rules
    this.#lookup = lookup
  }

  /**
   * Asks the tracker at its first IPv4 and its first IPv6 address, for it tells peers of each family
   * only to who asks by it. Resolves with the first answer.
   * @param alsoFound peers of the answer that came second
   * @throws TrackerRefused, or another Error that says why there is no answer
   */
  async ask(
    url: string,
    announcement: Announcement,
    signal: AbortSignal,
    alsoFound: (peers: readonly string[]) => void,
  ): Promise<TrackerAnswer> {
    const { hostname, port, pathname, search } = new URL(url)
    const path = pathname + search
    const endpoints = await this.#resolve(hostname.replace(/^\[|\]$/g, ''), Number(port))
    signal.throwIfAborted()
    let answered = false
    const asked = endpoints.map(async (endpoint) => {
      const answer = await this.#announce(endpoint, announcement, path, signal)
      if (answered) alsoFound(answer.peers)
      answered = true
      return answer
    })
    try {
      return await Promise.any(asked)
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error
    }
  }

  close(): void {
    this.#closed = true
    this.#failAll(new Error('closed'))
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  async #resolve(host: string, port: number): Promise<Endpoint[]> {
    if (port < 1) throw new Error('a UDP tracker without a port')
    if (!this.#lookup) return [{ address: host, port, family: isIP(host) === 6 ? 6 : 4 }]
    const checked = checkedLookup(this.#rules, port, this.#lookup)
    const found = await addressesOf(host, checked)
    const first = (family: 4 | 6): Endpoint[] => {
      const address = found.find((one) => isIP(one.address) === family)?.address
      return address ? [{ address: oneSpelling(address), port, family }] : []
    }
    return [...first(4), ...first(6)]
  }

  async #announce(
    to: Endpoint,
    announcement: Announcement,
    path: string,
    signal: AbortSignal,
  ): Promise<TrackerAnswer> {
    const name = `${to.address} ${to.port}`
    let refusal: unknown
    for (const ms of RETRY_MS) {
      const known = this.#connections.get(name)
      const isFresh = known !== undefined && known.until > performance.now()
      const connection = isFresh ? known.id : await this.#connect(to, name, ms, signal)
      if (!connection) continue
      const answer = await this.#transact(to, ms, signal, (transaction) =>
        announceRequest(transaction, connection, announcement, path),
      )
      try {
        if (answer) return readAnnounce(answer.message, answer.family)
      } catch (refused) {
        if (!isFresh) throw refused
        refusal = refused
      }
      // A tracker that was started again does not know it any more, and says nothing or that it refuses.
      if (this.#connections.get(name)?.id === connection) this.#connections.delete(name)
    }
    throw refusal ?? new Error('no answer')
  }

  async #connect(to: Endpoint, name: string, ms: number, signal: AbortSignal) {
    const answer = await this.#transact(to, ms, signal, connectRequest)
    const id = answer && readConnect(answer.message)
    if (id) this.#connections.set(name, { id, until: performance.now() + CONNECTION_MS })
    return id
  }

  /** Undefined when no answer came in time. @throws Error of the socket, or when the signal fires */
  async #transact(
    to: Endpoint,
    ms: number,
    signal: AbortSignal,
    request: (transaction: number) => Buffer,
  ): Promise<Answer | undefined> {
    signal.throwIfAborted()
    if (this.#closed) throw new Error('closed')
    const transaction = newTransaction()
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>()
    const timer = setTimeout(() => resolve(undefined), ms)
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop)
    this.#pending.set(transaction, { ...to, resolve, reject })
    try {
      this.#socket(to.family).send(request(transaction), to.port, to.address, (error) => {
        if (error) reject(error)
      })
      return await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      this.#pending.delete(transaction)
    }
  }

  #socket(family: 4 | 6): Socket {
    const open = this.#sockets.get(family)
    if (open) return open
    const socket =
      family === 4 ? createSocket('udp4') : createSocket({ type: 'udp6', ipv6Only: true })
    socket.on('message', (message, from) => this.#received(message, from))
    // For instance where there is no IPv6: the next question opens another.
    socket.on('error', (error) => {
      if (this.#sockets.get(family) === socket) this.#sockets.delete(family)
      socket.close()
      this.#failAll(error, family)
    })
    this.#sockets.set(family, socket)
    return socket
  }

  /** Counts only from where the question went: a stranger would have to guess the transaction too. */
  #received(message: Buffer, from: RemoteInfo): void {
    const pending = this.#pending.get(transactionOf(message) ?? -1)
    if (!pending || pending.port !== from.port) return
    const isFromThere = isIP(pending.address) === 0 || pending.address === oneSpelling(from.address)
    if (isFromThere) pending.resolve({ message, family: from.family === 'IPv6' ? 6 : 4 })
  }

  #failAll(error: Error, family?: 4 | 6): void {
    for (const pending of this.#pending.values()) {
      if (family === undefined || pending.family === family) pending.reject(error)
    }
  }
}

const oneSpelling = (address: string): string =>
  ipaddr.isValid(address) ? ipaddr.parse(address).toString() : address
