import type { IncomingMessage } from 'node:http'
import { HANDED_HEADER } from '../../cluster/signature.ts'
import type { BytesPlayable } from '../../player/files/playable.ts'
import type { BytesAnswer } from './bytes-answer.ts'

/** Leaves a body to the nginx in front (SENDFILE=nginx, docs/nginx.md). */
export interface Sendfile {
  /** Headers of an answer without a body that nginx replaces by the file; undefined: send it ourselves. */
  headersFor(
    req: IncomingMessage,
    playable: BytesPlayable,
    answer: BytesAnswer,
  ): Readonly<Record<string, string | number>> | undefined
  /** The answer is out: nginx has yet to open the file, so it stays pinned a little longer. */
  releaseLater(release: () => void): void
}

/** The internal locations of docs/nginx.conf: files of this node, and other nodes. */
const FILES = '/playlink-cache/'
const NODES = '/playlink-node/'
/** nginx opens the file when it reads our headers, milliseconds later; from then on a removal is harmless. */
const PINNED_MS = 5_000

export interface SendfileParts {
  /** Gives back what is still pinned. */
  readonly end: AbortSignal
  /** A proxy of ours: nobody else is given a ticket for another node. */
  readonly isProxy: (address: string) => boolean
}

/**
 * Only for requests that say which locations their nginx knows (as Rack does it), so that whoever asks us
 * directly still gets bytes: `X-Accel-Redirect` both, `X-Accel-Node` those of other nodes, as a balancer that
 * does not see this node's disk. And only where nginx' reading of Range comes to the same as ours.
 */
export const createSendfile = (parts: SendfileParts): Sendfile => new LeftToNginx(parts)

class LeftToNginx implements Sendfile {
  readonly #parts: SendfileParts
  readonly #pinned = new Map<() => void, NodeJS.Timeout>()

  constructor(parts: SendfileParts) {
    this.#parts = parts
    const giveBackAll = (): void => {
      for (const release of [...this.#pinned.keys()]) this.#giveBack(release)
    }
    parts.end.addEventListener('abort', giveBackAll, { once: true })
  }

  headersFor(
    req: IncomingMessage,
    playable: BytesPlayable,
    answer: BytesAnswer,
  ): ReturnType<Sendfile['headersFor']> {
    const asked = req.headers['x-sendfile-type']?.toString().toLowerCase()
    if (asked !== 'x-accel-redirect' && asked !== 'x-accel-node') return undefined
    const same = answer.status === 206 || (answer.status === 200 && !req.headers.range)
    if (!same || !answer.range) return undefined
    if (playable.atNode) return this.#ofNode(req, playable)
    const { storedKey } = playable
    if (storedKey === undefined || asked === 'x-accel-node') return undefined
    // Those two nginx says itself.
    const { 'Content-Range': _range, 'Accept-Ranges': _accept, ...headers } = answer.headers
    return { ...headers, 'Content-Length': 0, 'X-Accel-Redirect': `${FILES}${storedKey}` }
  }

  releaseLater(release: () => void): void {
    if (this.#parts.end.aborted) release()
    else this.#pinned.set(release, setTimeout(() => this.#giveBack(release), PINNED_MS).unref())
  }

  /** nginx takes what else the viewer gets from the answer of the other node. */
  #ofNode(req: IncomingMessage, { atNode, etag }: BytesPlayable) {
    if (!atNode || !this.#parts.isProxy(req.socket.remoteAddress ?? '')) return undefined
    const { host, target, ticket } = atNode()
    return {
      'Content-Length': 0,
      'X-Accel-Redirect': `${NODES}${host}${target}`,
      [HANDED_HEADER]: ticket,
      ...(etag !== undefined && { ETag: etag }),
    }
  }

  #giveBack(release: () => void): void {
    clearTimeout(this.#pinned.get(release))
    this.#pinned.delete(release)
    release()
  }
}
