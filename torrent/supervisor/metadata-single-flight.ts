import { Fault } from '../../common/errors.ts'
import type { FetchedMetadata, TorrentSpec } from '../protocol/torrent-engine.ts'

/** One question to the swarm per info hash, ended when the last who waits has gone. */
interface SharedFetch {
  readonly answer: Promise<FetchedMetadata>
  readonly abort: AbortController
  waiting: number
}

/**
 * Lets any number of callers share one description.
 * @param ask puts the question; its signal fires when nobody waits any more
 * @throws Fault NO_PEERS when the caller's own signal fires first, and what `ask` throws
 */
export function createMetadataSingleFlight(
  ask: (spec: TorrentSpec, signal: AbortSignal) => Promise<FetchedMetadata>,
): (spec: TorrentSpec, signal: AbortSignal) => Promise<FetchedMetadata> {
  const running = new Map<string, SharedFetch>()

  function fetchOf(spec: TorrentSpec): SharedFetch {
    const shared = running.get(spec.infoHash)
    if (shared) return shared
    const abort = new AbortController()
    const answer = ask(spec, abort.signal).finally(() => {
      if (running.get(spec.infoHash)?.abort === abort) running.delete(spec.infoHash)
    })
    answer.catch(() => {})
    const fetch = { answer, abort, waiting: 0 }
    running.set(spec.infoHash, fetch)
    return fetch
  }

  return async (spec, signal) => {
    if (signal.aborted) throw new Fault('NO_PEERS')
    const fetch = fetchOf(spec)
    fetch.waiting++
    const left = Promise.withResolvers<never>()
    const leave = (): void => left.reject(new Fault('NO_PEERS'))
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([fetch.answer, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      left.promise.catch(() => {})
      if (--fetch.waiting === 0) {
        // Whoever asks from now on must not join a question that is being given up.
        if (running.get(spec.infoHash) === fetch) running.delete(spec.infoHash)
        fetch.abort.abort()
      }
    }
  }
}
