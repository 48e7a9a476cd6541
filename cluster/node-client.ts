import http from 'node:http'
import https from 'node:https'
import { z } from 'zod'
import type { FileKey } from '../common/bittorrent/file-key.ts'
import { Fault, faultCode } from '../common/errors.ts'
import type { ClusterNode, Nodes } from './nodes.ts'
import { HANDED_HEADER, type Signatures, type TicketFor } from './signature.ts'

/** What is asked of another node. */
export interface NodeQuestion {
  readonly method: 'GET' | 'HEAD'
  /** Path and query of the play, below the node's URL. */
  readonly target: string
  /** Bytes of the film; undefined: no Range. */
  readonly range?: { readonly from: number; readonly to?: number | undefined } | undefined
  /** The viewer, as this node counts it. */
  readonly viewer: string
  readonly key?: FileKey | undefined
  readonly signal: AbortSignal
  /** For the headers of the answer, in milliseconds. */
  readonly timeoutMs: number
}

/** For the connection alone: nodes stand side by side, and one that does not answer is gone. */
const CONNECT_MS = 2_000
const MAX_FREE_SOCKETS = 64
const IDLE_MS = 20_000
const MAX_REFUSAL_BYTES = 8192

const refusalShape = z.object({
  error: z.object({ code: z.string(), message: z.string().max(500) }),
})

/** The node could not be reached, or broke off: another one may do. */
export class NodeUnreachable extends Error {
  override readonly name = 'NodeUnreachable'
}

/** Asks other nodes, by signed requests (signature.ts). Nothing but HTTP goes between nodes. */
export class NodeClient {
  readonly #signatures: Signatures
  readonly #nodes: Pick<Nodes, 'markUnreachable' | 'goneSignal'>
  readonly #agents = {
    'http:': new http.Agent({
      keepAlive: true,
      maxFreeSockets: MAX_FREE_SOCKETS,
      timeout: IDLE_MS,
    }),
    'https:': new https.Agent({
      keepAlive: true,
      maxFreeSockets: MAX_FREE_SOCKETS,
      timeout: IDLE_MS,
    }),
  }

  constructor(signatures: Signatures, nodes: Pick<Nodes, 'markUnreachable' | 'goneSignal'>) {
    this.#signatures = signatures
    this.#nodes = nodes
  }

  /**
   * An answer with a status below 300; its body is read or destroyed by who asked.
   * @throws NodeUnreachable; the Fault that the other node answered with
   */
  async ask(node: ClusterNode, question: NodeQuestion): Promise<http.IncomingMessage> {
    const { range } = question
    const rangeText = range ? `bytes=${range.from}-${range.to ?? ''}` : ''
    const signed = { method: question.method, target: question.target, range: rangeText }
    const answer = await this.#send(node, question, {
      [HANDED_HEADER]: this.#signatures.sign(signed, node.node, question),
      ...(rangeText && { range: rangeText }),
    })
    const { statusCode = 0 } = answer
    if (statusCode < 300) return answer
    throw await refusalOf(answer)
  }

  /** The value of HANDED_HEADER for who asks that node in our place, as often as it likes. */
  ticketFor(node: ClusterNode, about: TicketFor): string {
    return this.#signatures.ticket(about, node.node)
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  #send(
    node: ClusterNode,
    { method, target, signal, timeoutMs }: NodeQuestion,
    headers: Record<string, string>,
  ): Promise<http.IncomingMessage> {
    const url = new URL(node.url + target)
    const isHttps = url.protocol === 'https:'
    const { request } = isHttps ? https : http
    const agent = this.#agents[isHttps ? 'https:' : 'http:']
    const over = AbortSignal.any([signal, this.#nodes.goneSignal(node.node)])
    const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>()
    const asked = request(url, { method, headers, agent, signal: over }, resolve)
    const late = (): void => void asked.destroy(new Error('no answer in time'))
    const timer = setTimeout(late, timeoutMs)
    const connecting = setTimeout(late, CONNECT_MS)
    asked.once('socket', (socket) => {
      if (!socket.connecting) clearTimeout(connecting)
      else socket.once(isHttps ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
    })
    // Also of the body, whose reader learns of it by the body.
    asked.on('error', reject)
    asked.end()
    return promise
      .catch((cause: unknown) => {
        if (!signal.aborted) this.#nodes.markUnreachable(node.node)
        throw new NodeUnreachable(`node ${node.node} could not be asked`, { cause })
      })
      .finally(() => {
        clearTimeout(timer)
        clearTimeout(connecting)
      })
  }
}

/** @throws Error when it is longer than any refusal of ours */
async function textOf(answer: http.IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_REFUSAL_BYTES) throw new Error('too long for a refusal')
  }
  return text
}

/** What the other node says went wrong. @throws NodeUnreachable: it does not say it as we do */
async function refusalOf(answer: http.IncomingMessage): Promise<Fault> {
  try {
    const text = await textOf(answer)
    const { code, message } = refusalShape.parse(JSON.parse(text)).error
    const known = faultCode(code)
    if (!known) throw new Error(`unknown code ${code.slice(0, 50)}`)
    const retryAfterSeconds = Number(answer.headers['retry-after'])
    return new Fault(known, { message, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) })
  } catch (cause) {
    answer.destroy()
    throw new NodeUnreachable(`status ${answer.statusCode} of another node`, { cause })
  }
}
