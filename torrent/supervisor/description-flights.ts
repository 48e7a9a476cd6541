import { Fault } from '../../common/errors.ts'
import type { TorrentSpec } from '../protocol/torrent-engine.ts'

/** One question to the swarm per info hash, ended when the last who waits has gone. */
interface Flight {
  readonly answer: Promise<Uint8Array>
  readonly abort: AbortController
  waiting: number
}

/**
 * Lets any number of callers share one description.
 * @param ask puts the question; its signal fires when nobody waits any more
 * @throws Fault NO_PEERS when the caller's own signal fires first, and what `ask` throws
 */
export function createDescriptionFlights(
  ask: (spec: TorrentSpec, signal: AbortSignal) => Promise<Uint8Array>,
): (spec: TorrentSpec, signal: AbortSignal) => Promise<Uint8Array> {
  const flights = new Map<string, Flight>()

  function flightOf(spec: TorrentSpec): Flight {
    const running = flights.get(spec.infoHash)
    if (running) return running
    const abort = new AbortController()
    const answer = ask(spec, abort.signal).finally(() => {
      if (flights.get(spec.infoHash)?.abort === abort) flights.delete(spec.infoHash)
    })
    answer.catch(() => {})
    const flight = { answer, abort, waiting: 0 }
    flights.set(spec.infoHash, flight)
    return flight
  }

  return async (spec, signal) => {
    if (signal.aborted) throw new Fault('NO_PEERS')
    const flight = flightOf(spec)
    flight.waiting++
    const left = Promise.withResolvers<never>()
    const leave = (): void => left.reject(new Fault('NO_PEERS'))
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([flight.answer, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      left.promise.catch(() => {})
      if (--flight.waiting === 0) {
        // Whoever asks from now on must not join a question that is being given up.
        if (flights.get(spec.infoHash) === flight) flights.delete(spec.infoHash)
        flight.abort.abort()
      }
    }
  }
}
