import type { IncomingMessage } from 'node:http'
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

/** The internal location of docs/nginx.conf. */
const LOCATION = '/playlink-cache/'
/** nginx opens the file when it reads our headers, milliseconds later; from then on a removal is harmless. */
const PINNED_MS = 5_000

/**
 * Only for requests that say that their nginx knows the location (as Rack does it), so that whoever
 * asks us directly still gets bytes; and only where nginx' reading of Range comes to the same as ours.
 * @param end gives back what is still pinned
 */
export function createSendfile(end: AbortSignal): Sendfile {
  const pinned = new Map<() => void, NodeJS.Timeout>()
  const giveBack = (release: () => void): void => {
    clearTimeout(pinned.get(release))
    pinned.delete(release)
    release()
  }
  end.addEventListener('abort', () => [...pinned.keys()].map(giveBack), { once: true })

  return {
    headersFor(req, { storedKey }, answer) {
      const asked = req.headers['x-sendfile-type']?.toString().toLowerCase()
      if (storedKey === undefined || asked !== 'x-accel-redirect') return undefined
      const same = answer.status === 206 || (answer.status === 200 && !req.headers.range)
      if (!same || !answer.range) return undefined
      // Those two nginx says itself.
      const { 'Content-Range': _range, 'Accept-Ranges': _accept, ...headers } = answer.headers
      return { ...headers, 'Content-Length': 0, 'X-Accel-Redirect': `${LOCATION}${storedKey}` }
    },
    releaseLater(release) {
      if (end.aborted) return release()
      pinned.set(release, setTimeout(giveBack, PINNED_MS, release).unref())
    },
  }
}
