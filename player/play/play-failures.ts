import { LRUCache } from 'lru-cache'
import { Fault, type FaultCode } from '../../common/errors.ts'
import { nameOfPlay, type PlayName } from '../files/play-request.ts'

export interface PlayFailure {
  readonly code: FaultCode
  readonly message: string
}

const MAX_FAILURES = 200
const FAILURE_TTL_MS = 10 * 60 * 1000

/** Why plays failed: a player in a browser gets to see nothing of an answer that is not a film. */
export class PlayFailures {
  readonly #last = new LRUCache<string, PlayFailure>({ max: MAX_FAILURES, ttl: FAILURE_TTL_MS })

  /** Remembers a Fault; other errors say nothing that a viewer may read. */
  remember(play: PlayName, error: unknown): void {
    if (!(error instanceof Fault)) return
    this.#last.set(nameOfPlay(play), { code: error.code, message: error.message })
  }

  forget(play: PlayName): void {
    this.#last.delete(nameOfPlay(play))
  }

  of(play: PlayName): PlayFailure | undefined {
    return this.#last.get(nameOfPlay(play))
  }
}
