import { LRUCache } from 'lru-cache'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { nameOfPlay, type PlayName } from '../files/play-request.ts'

/**
 * Which content a play came to a moment ago. A player asks for one range after the other: those
 * need neither the source list nor the notes again, each of which may be a file or a server away.
 */
export interface RecentPlays {
  fileKeyOf(play: PlayName): FileKey | undefined
  remember(play: PlayName, content: FileKey): void
}

/** What is retired or blocked meanwhile plays on for so long at most. */
const BELIEVED_MS = 1000
const IN_MEMORY = 1000

export function createRecentPlays(clock: Clock): RecentPlays {
  const memory = new LRUCache<string, { content: FileKey; at: number }>({ max: IN_MEMORY })
  return {
    fileKeyOf(play) {
      const known = memory.get(nameOfPlay(play))
      return known && clock.steady() - known.at < BELIEVED_MS ? known.content : undefined
    },
    remember: (play, content) => void memory.set(nameOfPlay(play), { content, at: clock.steady() }),
  }
}
