import { LRUCache } from 'lru-cache'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { nameOfPlay, type PlayName } from '../files/play-request.ts'

/** A source that was retired or blocked meanwhile plays on for so long at most. */
const FRESH_MS = 1000
const MAX_PLAYS = 1000

/**
 * Which file a play came to a moment ago. A player asks for one range after the other; only the
 * first one has to ask for source list and index, which may be on disk or on another server.
 */
export class RecentPlays {
  readonly #plays = new LRUCache<string, { readonly fileKey: FileKey; readonly at: number }>({
    max: MAX_PLAYS,
  })
  readonly #clock: Pick<Clock, 'steady'>

  constructor(clock: Pick<Clock, 'steady'>) {
    this.#clock = clock
  }

  fileKeyOf(play: PlayName): FileKey | undefined {
    const recent = this.#plays.get(nameOfPlay(play))
    return recent && this.#clock.steady() - recent.at < FRESH_MS ? recent.fileKey : undefined
  }

  remember(play: PlayName, fileKey: FileKey): void {
    this.#plays.set(nameOfPlay(play), { fileKey, at: this.#clock.steady() })
  }
}
