import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../cache/cache-index.ts'
import type { Log } from '../common/log.ts'
import { type Title, titleId } from '../common/title.ts'

/** Which source "Auto" came to for a title, and a viewer's wishes if any: a note in the index, and the last ones in memory. */
export interface AutoChoices {
  /** Its key, as `?s=` carries it. Never rejects. */
  recall(title: Title, wishes: string | undefined): Promise<string | undefined>
  /** Never rejects: an index that is away costs a look-up later, not the play. */
  keep(title: Title, wishes: string | undefined, key: string): Promise<void>
}

const DAY_MS = 86_400_000
const IN_MEMORY = 2000

/** Read back from a backend that others may write to: a note of another shape is no note. */
const noteShape = z.object({ key: z.string().regex(/^[a-z2-7]{10}$/) })

export function createAutoChoices({ index, log }: { index: CacheIndex; log: Log }): AutoChoices {
  const memory = new LRUCache<string, string>({ max: IN_MEMORY, ttl: DAY_MS })
  const nameOf = (title: Title, wishes = '') =>
    wishes === '' ? `auto:${titleId(title)}` : `auto:${titleId(title)}:${wishes}`

  async function read(name: string) {
    try {
      const note = await index.readNote<unknown>(name)
      const parsed = noteShape.safeParse(note?.value)
      return { key: parsed.success ? parsed.data.key : undefined, revision: note?.revision ?? 0 }
    } catch (error) {
      log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }

  return {
    async recall(title, wishes) {
      const name = nameOf(title, wishes)
      return memory.get(name) ?? (await read(name))?.key
    },
    async keep(title, wishes, key) {
      const name = nameOf(title, wishes)
      memory.set(name, key)
      const before = await read(name)
      if (!before || before.key === key) return
      try {
        // Lost to another node: it found one that plays too.
        await index.writeNote(name, { key }, before.revision, DAY_MS)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a note')
      }
    },
  }
}
