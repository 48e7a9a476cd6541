import type { Clock } from '../../common/clock.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable, HeadAnswer, Playable } from '../files/playable.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import type { MeasuredPlays } from '../trace/measured-plays.ts'
import type { PlayCounter } from '../trace/play-counter.ts'
import { Playhead } from '../trace/playhead.ts'
import type { RecentFirstBytes } from '../trace/recent-first-bytes.ts'
import type { PlayFailures } from './play-failures.ts'

export interface Playback {
  /** @throws Fault with the statuses of the drawing in docs/architecture.md */
  play(request: PlayRequest): Promise<Playable>
  /** The answer to HEAD: starts nothing, never asks the engine, takes about a second at most. */
  head(request: PlayRequest): Promise<HeadAnswer>
}

export interface PlaybackParts {
  /** The steps of a play (play.ts). */
  readonly open: (request: PlayRequest, viewer: Viewer) => Promise<Playable>
  readonly head: (request: PlayRequest) => Promise<HeadAnswer>
  readonly counter: PlayCounter
  readonly firstBytes: RecentFirstBytes
  readonly failures: PlayFailures
  readonly measured: Pick<MeasuredPlays, 'started' | 'ended'>
  /** From the request to the first byte. */
  readonly timeoutMs: number
  /** Fires with Fault DRAINING when nothing new may begin. */
  readonly draining: AbortSignal
  readonly clock: Clock
}

export const createPlayback = (parts: PlaybackParts): Playback => ({
  play: (request) => play(parts, request),
  async head(request) {
    parts.draining.throwIfAborted()
    return parts.head(request)
  },
})

async function play(parts: PlaybackParts, request: PlayRequest): Promise<Playable> {
  const { counter, failures, clock } = parts
  parts.draining.throwIfAborted()
  counter.asked()
  const startedAt = clock.steady()
  const viewer = createViewer(request.signal, parts.timeoutMs, clock, request.asker)
  try {
    const playable = await parts.open(request, viewer)
    failures.forget(request)
    if (playable.kind === 'redirect') return playable
    counter.began(playable.from)
    const watched = observed(parts, request, playable, startedAt)
    // Gone while the last step ran: what that step took has just been given back.
    request.signal.throwIfAborted()
    return watched
  } catch (error) {
    if (!request.signal.aborted) failures.remember(request, error)
    throw error
  } finally {
    viewer.end()
  }
}

/** The playable, tied to its viewer; its trace and the statistics are told what happens to it. */
function observed(
  { counter, firstBytes, failures, measured, clock }: PlaybackParts,
  request: PlayRequest,
  playable: BytesPlayable,
  startedAt: number,
): BytesPlayable {
  const { trace, title } = request
  const playhead = new Playhead(title.type, playable.size)
  const traceDownload = () => {
    const times = playable.times?.()
    trace?.doneAt('peer', times?.peer)
    trace?.doneAt('piece', times?.piece)
  }
  return watchPlayable(playable, request.signal, {
    firstByte(bytes) {
      playhead.read(0, bytes)
      const ms = clock.steady() - startedAt
      counter.firstByte(ms)
      traceDownload()
      trace?.done('byte')
      firstBytes.add(ms, playable.from, trace)
      measured.started(title, playable, startedAt)
    },
    noFirstByte(error) {
      traceDownload()
      failures.remember(request, error)
    },
    waited(ms, bytes) {
      const stoodMs = playhead.read(ms, bytes)
      if (stoodMs > 0) trace?.stalled(stoodMs)
    },
    ended() {
      counter.ended()
      measured.ended(title, playable)
    },
  })
}
