import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../cache/cache-index.ts'
import type { Log } from '../common/log.ts'
import { type Title, titleId } from '../common/title.ts'

/** Which source "Auto" came to for a title: a note in the index, and the last ones in memory. */
export interface AutoChoices {
  /** Its key, as `?s=` carries it. Never rejects. */
  recall(title: Title): Promise<string | undefined>
  /** Never rejects: an index that is away costs a look-up later, not the play. */
  keep(title: Title, key: string): Promise<void>
}

const DAY_MS = 86_400_000
const IN_MEMORY = 2000

/** Read back from a backend that others may write to: a note of another shape is no note. */
const noteShape = z.object({ key: z.string().regex(/^[a-z2-7]{10}$/) })

export function createAutoChoices({ index, log }: { index: CacheIndex; log: Log }): AutoChoices {
  const memory = new LRUCache<string, string>({ max: IN_MEMORY, ttl: DAY_MS })
  const nameOf = (title: Title) => `auto:${titleId(title)}`

  async function read(title: Title) {
    try {
      const note = await index.readNote<unknown>(nameOf(title))
      const parsed = noteShape.safeParse(note?.value)
      return { key: parsed.success ? parsed.data.key : undefined, revision: note?.revision ?? 0 }
    } catch (error) {
      log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }

  return {
    async recall(title) {
      const here = memory.get(titleId(title))
      if (here !== undefined) return here
      return (await read(title))?.key
    },
    async keep(title, key) {
      memory.set(titleId(title), key)
      const before = await read(title)
      if (!before || before.key === key) return
      try {
        // Lost to another node: it found one that plays too.
        await index.writeNote(nameOf(title), { key }, before.revision, DAY_MS)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a note')
      }
    },
  }
}
