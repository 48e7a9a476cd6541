import http from 'node:http'
import https from 'node:https'
import type { NetConnectOpts, Socket } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { FileKey } from '../common/bittorrent/file-key.ts'
import type { Clock } from '../common/clock.ts'
import type { Fault } from '../common/errors.ts'
import { atMost, lastingBy } from '../common/memory/lru-options.ts'
import { isMisfit } from './lines.ts'
import { type NodeAnswer, NodeConnection } from './node-body.ts'
import { NodeUnreachable, readRefusal } from './node-refusal.ts'
import type { ClusterNode, Nodes } from './nodes.ts'
import { HANDED_HEADER, type Signatures, type TicketFor } from './signature.ts'

/** What is asked of another node. */
export interface NodeQuestion {
  readonly method: 'GET'
  /** Path and query of the play, below the node's URL. */
  readonly target: string
  /** Bytes of the film; undefined: no Range. */
  readonly range?: { readonly from: number; readonly to?: number | undefined } | undefined
  /** The viewer, as this node counts it. */
  readonly viewer: string
  readonly key?: FileKey | undefined
  /** The index says that the node has the whole file: it is not believed for a while where the node says no. */
  readonly indexed?: boolean | undefined
  readonly signal: AbortSignal
  /** For the headers of the answer, in milliseconds. */
  readonly timeoutMs: number
}

/** For the connection alone: nodes stand side by side, and one that does not answer is gone. */
const CONNECT_MS = 2_000
/** A node that says nothing for so long is asked whether it is there at all. */
const SILENT_MS = 2_000
/** So long it has then: it may be busy, or paused for a moment. */
const PROBE_MS = 5_000
/** What the index says wrongly of a node is put right by that one as soon as it can. */
const DISBELIEVED_MS = 10_000

type KnownNodes = Pick<Nodes, 'markUnreachable' | 'markReached' | 'markMisfit' | 'goneSignal'>

/** Asks other nodes, by signed requests (signature.ts). Nothing but HTTP goes between nodes. */
export class NodeClient {
  readonly #signatures: Signatures
  readonly #nodes: KnownNodes
  /** Tests shorten them. */
  readonly #timing: { readonly silentMs: number; readonly probeMs: number }
  readonly #clock: Pick<Clock, 'steady'>
  /** Whether a node can be reached, and until when that is believed; steady clock. */
  readonly #probes = new LRUCache<string, { there: Promise<boolean>; until: number }>({ max: 1000 })
  /** `<node> <file key>` that the index is wrong about. */
  readonly #without: LRUCache<string, true>
  readonly #closing = new AbortController()

  constructor(
    signatures: Signatures,
    nodes: KnownNodes,
    clock: Pick<Clock, 'steady'>,
    timing = { silentMs: SILENT_MS, probeMs: PROBE_MS },
  ) {
    this.#timing = timing
    this.#clock = clock
    this.#signatures = signatures
    this.#nodes = nodes
    this.#without = new LRUCache({ ...atMost(10_000), ...lastingBy(clock, DISBELIEVED_MS) })
  }

  /** It was asked for the file a moment ago, and has not got it, whatever the index says of it. */
  saidNo(node: string, key: FileKey): boolean {
    return this.#without.has(`${node} ${key}`)
  }

  /**
   * An answer with a status below 300.
   * @throws NodeUnreachable; the Fault that the other node answered with
   */
  async ask(node: ClusterNode, question: NodeQuestion): Promise<NodeAnswer> {
    const answer = await this.#send(node, question)
    if (answer.status < 300) {
      this.#nodes.markReached(node.node)
      return answer
    }
    const refusal = await this.#refusal(node, answer, question.signal)
    if (refusal.code === 'ANOTHER_NODE' && question.key && question.indexed) {
      this.#without.set(`${node.node} ${question.key}`, true)
    }
    throw refusal
  }

  /** What stands at its address is another program: a proxy that does not reach it, or a wrong NODE_URL. */
  noNode({ node }: ClusterNode, cause: unknown): NodeUnreachable {
    this.#nodes.markUnreachable(node, { reason: 'what answers is no node' })
    return new NodeUnreachable(`what answers for node ${node} is no node`, { cause })
  }

  /** What the other node says went wrong. @throws NodeUnreachable: it takes nothing from here, or is no node */
  async #refusal(node: ClusterNode, answer: NodeAnswer, signal: AbortSignal): Promise<Fault> {
    const refusal = await readRefusal(answer, signal)
    if (!refusal) throw this.noNode(node, new Error(`status ${answer.status}`))
    if (isMisfit(refusal)) {
      this.#nodes.markMisfit(node, refusal)
      throw new NodeUnreachable(`node ${node.node} refuses our plays`, { cause: refusal })
    }
    this.#nodes.markReached(node.node)
    return refusal
  }

  /** The value of HANDED_HEADER for who asks that node in our place, as often as it likes. */
  ticketFor(node: ClusterNode, about: TicketFor): string {
    return this.#signatures.ticket(about, node.node)
  }

  close(): void {
    this.#closing.abort()
  }

  async #send(node: ClusterNode, question: NodeQuestion): Promise<NodeAnswer> {
    try {
      return await this.#sendOnce(node, question)
    } catch (cause) {
      const { code, message: reason } = cause as NodeJS.ErrnoException
      const refused = code === 'ECONNREFUSED'
      if (!question.signal.aborted) this.#nodes.markUnreachable(node.node, { refused, reason })
      throw new NodeUnreachable(`node ${node.node} could not be asked`, { cause })
    }
  }

  /** On a connection of its own: nodes stand side by side, and one that is kept may be closed at the other end. */
  #sendOnce(node: ClusterNode, question: NodeQuestion): Promise<NodeAnswer> {
    const { method, target, signal, timeoutMs } = question
    const url = new URL(node.url + target)
    const isHttps = url.protocol === 'https:'
    const { request } = isHttps ? https : http
    const { promise, resolve, reject } = Promise.withResolvers<NodeAnswer>()
    let connection: NodeConnection | undefined
    const createConnection = (options: object): Socket => {
      connection = new NodeConnection(options as NetConnectOpts, isHttps)
      const { socket } = connection
      socket.once(isHttps ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
      return socket
    }
    const headers = { connection: 'close', ...this.#headersOf(node, question) }
    const over = AbortSignal.any([signal, this.#nodes.goneSignal(node.node)])
    const asked = request(url, { method, headers, createConnection, signal: over })
    const late = (): void => void asked.destroy(new Error('no answer in time'))
    const timer = setTimeout(late, timeoutMs)
    const connecting = setTimeout(late, CONNECT_MS)
    asked.once('response', (message) => {
      try {
        if (connection) resolve(connection.answer(message))
      } catch (error) {
        asked.destroy(error as Error)
      }
    })
    this.#watch(node, asked)
    // Also of the body, whose reader learns of it by the body.
    asked.on('error', reject)
    asked.end()
    return promise.finally(() => {
      clearTimeout(timer)
      clearTimeout(connecting)
    })
  }

  #headersOf(node: ClusterNode, question: NodeQuestion): Record<string, string> {
    const { method, target, range } = question
    const text = range ? `bytes=${range.from}-${range.to ?? ''}` : ''
    const signed = { method, target, range: text }
    const mark = this.#signatures.sign(signed, node.node, question)
    return { [HANDED_HEADER]: mark, ...(text && { range: text }) }
  }

  /**
   * Who waits for a piece of a film is silent, and so is a line that a router has forgotten: TCP tells of
   * that one after a quarter of an hour. Where nothing comes the node is asked anew whether it is there.
   */
  #watch(node: ClusterNode, asked: http.ClientRequest): void {
    let before: number | undefined
    const look = setInterval(() => {
      const { bytesRead } = asked.socket ?? {}
      if (bytesRead !== before) before = bytesRead
      else void this.#reaches(node).then((there) => there || asked.destroy(new Error('no line')))
    }, this.#timing.silentMs)
    asked.once('close', () => clearInterval(look))
  }

  /** One look at a time for all who wait: paused players are many, and all silent. Never rejects. */
  #reaches(node: ClusterNode): Promise<boolean> {
    const last = this.#probes.get(node.node)
    if (last && this.#clock.steady() < last.until) return last.there
    const probe = { there: this.#probe(node), until: Number.POSITIVE_INFINITY }
    this.#probes.set(node.node, probe)
    void probe.there.then(() => {
      probe.until = this.#clock.steady() + this.#timing.silentMs
    })
    return probe.there
  }

  async #probe(node: ClusterNode): Promise<boolean> {
    const { request } = node.url.startsWith('https:') ? https : http
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const options = { method: 'HEAD', agent: false, signal: this.#closing.signal }
    const asked = request(`${node.url}/health`, options, (answer) => {
      answer.resume()
      resolve(true)
    })
    const timer = setTimeout(() => asked.destroy(), this.#timing.probeMs)
    asked.on('error', () => resolve(false)).on('close', () => resolve(false))
    asked.end()
    const there = await promise
    clearTimeout(timer)
    if (!there && !this.#closing.signal.aborted) this.#nodes.markUnreachable(node.node)
    return there
  }
}
