import { parse as parseDisposition } from 'content-disposition'
import type { ClusterCounts } from '../../cluster/cluster-counts.ts'
import type { FetchedElsewhere, FileElsewhere } from '../../cluster/fetched-elsewhere.ts'
import type { HandedPlays } from '../../cluster/handed-plays.ts'
import type { NodeAnswer } from '../../cluster/node-body.ts'
import type { NodeClient } from '../../cluster/node-client.ts'
import type { NodeUnreachable } from '../../cluster/node-refusal.ts'
import type { ClusterNode } from '../../cluster/nodes.ts'
import { fileEtag, parseEtag } from '../../common/bittorrent/file-key.ts'
import type { ByteRange, ByteReader } from '../../common/byte-reader.ts'
import { cleanText } from '../../common/clean-text.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { playPath } from '../../common/title.ts'
import { MAX_NAME } from '../files/fetchable-file.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable } from '../files/playable.ts'
import { createReadTimeouts, WatchedReader } from '../files/watched-reader.ts'
import type { Viewer } from '../jobs/viewer.ts'
import { type LinkFacts, readLinkAnswer } from '../relay/relay-answer.ts'
import { type OpenBody, RelayReader } from '../relay/relay-reader.ts'
import { answerMs } from './anywhere.ts'
import { counted } from './counted.ts'

export interface NodePlayableParts {
  readonly client: Pick<NodeClient, 'ask' | 'ticketFor' | 'noNode'>
  /** Is told which plays are handed over. */
  readonly handed: Pick<HandedPlays, 'began'>
  readonly counts: Pick<ClusterCounts, 'relayedBytes'>
  /** How long a read may wait for bytes after the first one, in milliseconds. */
  readonly stallMs: number
  readonly clock: Pick<Clock, 'steady'>
}

/** Who has all of a file sends at once; else it has gone, or its line has. */
const FROM_DISK_MS = 5_000

/**
 * A play handed to the node that has the file or fetches it (docs/decisions/0029): the same address, asked
 * for by this server, range by range. Nothing is kept here.
 * @throws NodeUnreachable, and the Fault that the other node answers with
 */
export async function openAtNode(
  parts: NodePlayableParts,
  node: ClusterNode,
  { file, complete }: Pick<FetchedElsewhere, 'file' | 'complete'>,
  request: PlayRequest,
  viewer: Viewer,
): Promise<BytesPlayable> {
  const asking = new NodeAsking(parts, node, request, viewer, complete)
  try {
    return asking.playable(file ?? (await asking.learn()))
  } catch (error) {
    asking.end()
    throw error
  }
}

class NodeAsking {
  readonly #parts: NodePlayableParts
  readonly #node: ClusterNode
  readonly #request: PlayRequest
  readonly #viewer: Viewer
  readonly #complete: boolean
  /** Ends what is asked when the play is over. */
  readonly #over = new AbortController()
  /** A body from the first byte on, for the reader that begins there. */
  #first: ByteReader | undefined
  readonly #ended: () => void

  constructor(
    parts: NodePlayableParts,
    node: ClusterNode,
    request: PlayRequest,
    viewer: Viewer,
    complete: boolean,
  ) {
    this.#parts = parts
    this.#node = node
    this.#request = request
    this.#viewer = viewer
    this.#complete = complete
    this.#ended = parts.handed.began(this.#target, node.node)
  }

  end(): void {
    this.#ended()
    this.#over.abort()
    this.#first?.close()
  }

  /** What file it is: of one whose torrent the other node has yet to find, nothing is known here. */
  async learn(): Promise<FileElsewhere> {
    const timeoutMs = answerMs(this.#viewer, this.#parts.clock)
    const answer = await this.#ask({ from: 0 }, undefined, this.#viewer.signal, timeoutMs)
    const { size, etag } = this.#factsOf(answer, 0)
    const key = parseEtag(etag ?? '')
    if (!key) throw this.#noNode(answer, new Error('no file of a torrent'))
    this.#first = answer.body
    return { key, size, name: nameIn(answer.headers['content-disposition'] ?? '') }
  }

  playable(file: FileElsewhere): BytesPlayable {
    const { clock, stallMs, counts } = this.#parts
    const came = (bytes: number): void => {
      counts.relayedBytes += bytes
    }
    const viewer = this.#viewer
    const longest = this.#complete ? FROM_DISK_MS : Number.POSITIVE_INFINITY
    const untilFirst = (): number => Math.min(longest, viewer.firstByteBy - clock.steady())
    const timeouts = createReadTimeouts(untilFirst, Math.min(longest, stallMs))
    const source = { read: (range: ByteRange) => counted(this.#read(range, file, stallMs), came) }
    return {
      kind: 'bytes',
      from: 'node',
      name: file.name,
      size: file.size,
      etag: fileEtag(file.key),
      ...this.#place(file),
      read: (range) => new WatchedReader(range, () => source, timeouts),
      release: () => this.end(),
    }
  }

  /** For a proxy that asks there itself: it speaks plain http, and cannot go on elsewhere in the middle. */
  #place({ key }: FileElsewhere): Pick<BytesPlayable, 'atNode'> {
    const { protocol, host } = new URL(this.#node.url)
    if (!this.#complete || protocol !== 'http:') return {}
    return {
      atNode: () => {
        const target = this.#target
        const about = { target, key, viewer: this.#viewer.address ?? '' }
        return { host, target, ticket: this.#parts.client.ticketFor(this.#node, about) }
      },
    }
  }

  get #target(): string {
    const { title, number, sourceKey } = this.#request
    return playPath(title, { number, key: sourceKey })
  }

  #read(range: ByteRange, file: FileElsewhere, timeoutMs: number): RelayReader {
    const begun = range.start === 0 ? this.#first : undefined
    if (!begun) this.#first?.close()
    this.#first = undefined
    const open: OpenBody = async (from, signal) => {
      const both = AbortSignal.any([signal, this.#over.signal])
      const part = { from, to: range.end < file.size - 1 ? range.end : undefined }
      const answer = await this.#ask(part, file.key, both, timeoutMs)
      const { size, etag } = this.#factsOf(answer, from)
      if (size === file.size && etag === fileEtag(file.key)) return answer.body
      answer.body.close()
      throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('another file at the other node') })
    }
    return new RelayReader(range, open, begun)
  }

  /** @throws NodeUnreachable */
  #factsOf(answer: NodeAnswer, from: number): LinkFacts {
    try {
      return readLinkAnswer(answer, from)
    } catch (error) {
      throw this.#noNode(answer, error)
    }
  }

  /** Whatever answered is no node of ours, such as the page of a router: a wrong NODE_URL. */
  #noNode(answer: NodeAnswer, why: unknown): NodeUnreachable {
    answer.body.close()
    return this.#parts.client.noNode(this.#node, why)
  }

  #ask(
    range: { readonly from: number; readonly to?: number | undefined },
    key: FileElsewhere['key'] | undefined,
    signal: AbortSignal,
    timeoutMs: number,
  ): ReturnType<NodeClient['ask']> {
    return this.#parts.client.ask(this.#node, {
      method: 'GET',
      target: this.#target,
      range,
      viewer: this.#viewer.address ?? '',
      key,
      indexed: this.#complete,
      signal,
      timeoutMs,
    })
  }
}

/** As the other node sends it; checked like any name from outside. */
function nameIn(disposition: string): string {
  try {
    return cleanText(parseDisposition(disposition).parameters.filename ?? '', MAX_NAME)
  } catch {
    return ''
  }
}
