import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'

/** Which source "Auto" came to for a title, and a viewer's wishes if any: a note in the index, and the last ones in memory. */
export interface AutoChoices {
  /** Its key, as `?s=` carries it. Never rejects. */
  recall(title: Title, wishes: string | undefined): Promise<string | undefined>
  /** Never rejects: an index that is away costs a look-up later, not the play. */
  keep(title: Title, wishes: string | undefined, key: string): Promise<void>
}

const DAY_MS = 86_400_000
const IN_MEMORY = 2000
/** Of one title. Wishes are what anybody writes into an address: they must not fill the index. */
const MOST = 20

/** Read back from a backend that others may write to: a note of another shape is no note. */
const entryShape = z.object({
  choices: z
    .array(z.tuple([z.string().max(16), z.string().regex(/^[a-z2-7]{10}$/)]))
    .max(MOST)
    .readonly(),
})
type Choices = z.infer<typeof entryShape>['choices']

/** Short, whatever was wished. */
const shortName = (wishes = ''): string =>
  wishes === '' ? '' : createHash('sha256').update(wishes).digest('base64url').slice(0, 12)

export function createAutoChoices({ index, log }: { index: CacheIndex; log: Log }): AutoChoices {
  const memory = new LRUCache<string, string>({ max: IN_MEMORY, ttl: DAY_MS })
  const indexKeyOf = (title: Title) => `auto:${titleId(title)}`
  const nameOf = (title: Title, who: string) => `${titleId(title)} ${who}`

  async function read(title: Title): Promise<{ choices: Choices; revision: number } | undefined> {
    try {
      const note = await index.readValue<unknown>(indexKeyOf(title))
      const parsed = entryShape.safeParse(note?.value)
      return { choices: parsed.data?.choices ?? [], revision: note?.revision ?? 0 }
    } catch (error) {
      log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }

  return {
    async recall(title, wishes) {
      const who = shortName(wishes)
      const here = memory.get(nameOf(title, who))
      return here ?? (await read(title))?.choices.find(([name]) => name === who)?.[1]
    },
    async keep(title, wishes, key) {
      const who = shortName(wishes)
      memory.set(nameOf(title, who), key)
      const before = await read(title)
      if (!before || before.choices.some(([name, kept]) => name === who && kept === key)) return
      // The latest first. The choice of those without wishes, who are most, is never pushed out.
      const others = before.choices.filter(([name]) => name !== who)
      const all = [[who, key] as const, ...others]
      const choices = all.filter(([name], at) => name === '' || at < MOST - 1)
      try {
        // Lost to another node: it found one that plays too.
        await index.writeValue(indexKeyOf(title), { choices }, before.revision, DAY_MS)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a note')
      }
    },
  }
}
