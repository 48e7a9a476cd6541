import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { storedEntry } from '../../cache/index/stored-entry.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'

/** Remembers which source "Auto" chose for a title and a viewer's preferences: in the index, the last ones in memory too. */
export interface AutoChoices {
  /** The source key, as in `?s=`. Never rejects. */
  recall(title: Title, preferences: string | undefined): Promise<string | undefined>
  /** Never rejects: without the index the sources are tried again at a later play. */
  keep(title: Title, preferences: string | undefined, key: string): Promise<void>
}

const DAY_MS = 86_400_000
const IN_MEMORY = 2000
/** Choices of one title. Anybody can write any preferences into an address: they must not fill the index. */
const MOST = 20

/** Others may write to the backend too: a value of another shape counts as absent. */
const entryShape = z.object({
  choices: z
    .array(z.tuple([z.string().max(16), z.string().regex(/^[a-z2-7]{10}$/)]).readonly())
    .max(MOST)
    .readonly(),
})

/** A name of the same length, whatever they are; empty for no preferences. */
const shortName = (preferences = ''): string =>
  preferences === ''
    ? ''
    : createHash('sha256').update(preferences).digest('base64url').slice(0, 12)

export function createAutoChoices({ index, log }: { index: CacheIndex; log: Log }): AutoChoices {
  const memory = new LRUCache<string, string>({ max: IN_MEMORY, ttl: DAY_MS })
  const key = (title: Title) => `auto:${titleId(title)}`
  const stored = storedEntry({ index, key, shape: entryShape, ttlMs: DAY_MS })
  const nameOf = (title: Title, who: string) => `${titleId(title)} ${who}`

  async function load(title: Title) {
    try {
      return (await stored.load(title)).value?.choices
    } catch (error) {
      log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }

  return {
    async recall(title, preferences) {
      const who = shortName(preferences)
      const here = memory.get(nameOf(title, who))
      return here ?? (await load(title))?.find(([name]) => name === who)?.[1]
    },
    async keep(title, preferences, chosen) {
      const who = shortName(preferences)
      memory.set(nameOf(title, who), chosen)
      try {
        // When another node was faster, its source plays too.
        await stored.update(title, (before) => {
          const choices = before?.choices ?? []
          if (choices.some(([name, kept]) => name === who && kept === chosen)) return undefined
          // The latest first. The choice without preferences is never pushed out: most viewers have none.
          const all = [[who, chosen] as const, ...choices.filter(([name]) => name !== who)]
          return { choices: all.filter(([name], at) => name === '' || at < MOST - 1) }
        })
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a value')
      }
    },
  }
}
