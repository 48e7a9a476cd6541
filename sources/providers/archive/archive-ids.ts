import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import type { Clock } from '../../../common/clock.ts'
import { isOwnId } from '../../free-films.ts'
import type { FreeFilm } from './archive-films.ts'

/** Ids of our own for items of the Internet Archive, remembered in the index. */
export interface ArchiveIds {
  /** Undefined when the index cannot be reached: an id nobody remembers would play nothing. */
  idOf(film: FreeFilm): Promise<string | undefined>
  filmOf(imdbId: string): Promise<FreeFilm | undefined>
}

const DAY_MS = 86_400_000
/** "Continue watching" finds a film again within a year of the last time it was listed or played. */
const TTL_MS = 365 * DAY_MS
const IN_MEMORY = 5000
const PLACES = 100_000_000
/** Two items of one number are rare (one in ten thousand films), three never seen. */
const TRIES = 4

const noteShape = z.object({
  identifier: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  title: z.string().min(1).max(300),
  year: z.int().nullable(),
  licence: z.string().max(100),
  /** Wall-clock milliseconds. */
  at: z.number(),
})
type Stored = z.infer<typeof noteShape>

/** The number is of the identifier's digest, so that servers without a common index agree too. */
function numberOf(identifier: string, tries: number): string {
  const start = createHash('sha256').update(identifier).digest().readUInt32BE(0)
  return `tt99${String((start + tries) % PLACES).padStart(8, '0')}`
}

export function createArchiveIds(
  index: Pick<CacheIndex, 'readValue' | 'writeValue'>,
  clock: Clock,
): ArchiveIds {
  const ids = new LRUCache<string, string>({ max: IN_MEMORY, ttl: DAY_MS, perf: { now: steady } })
  const films = new LRUCache<string, FreeFilm>({
    max: IN_MEMORY,
    ttl: DAY_MS,
    perf: { now: steady },
  })
  function steady(): number {
    return clock.steady() + 1
  }

  async function read(imdbId: string) {
    const note = await index.readValue<unknown>(noteName(imdbId))
    const parsed = noteShape.safeParse(note?.value)
    return { stored: parsed.success ? parsed.data : undefined, revision: note?.revision ?? 0 }
  }

  /**
   * Written again once a day, so that what is used is not forgotten. False when somebody else wrote
   * meanwhile.
   */
  async function write(imdbId: string, film: FreeFilm, before: Awaited<ReturnType<typeof read>>) {
    const at = clock.wall()
    if (before.stored && Math.abs(at - before.stored.at) < DAY_MS) return true
    const { identifier, title, licence } = film
    const value: Stored = { identifier, title, licence, year: film.year ?? null, at }
    return index.writeValue(noteName(imdbId), value, before.revision, TTL_MS)
  }

  return {
    async idOf(film) {
      const known = ids.get(film.identifier)
      if (known) return known
      try {
        for (let tries = 0; tries < TRIES; tries++) {
          const id = numberOf(film.identifier, tries)
          const before = await read(id)
          if (before.stored && before.stored.identifier !== film.identifier) continue
          const written = await write(id, film, before)
          // Perhaps for another film: two of one number must not both have it.
          if (!written && (await read(id)).stored?.identifier !== film.identifier) continue
          ids.set(film.identifier, id)
          films.set(id, film)
          return id
        }
      } catch {
        // The index is away; the film is listed when it is back.
      }
      return undefined
    },
    async filmOf(imdbId) {
      if (!isOwnId(imdbId)) return undefined
      const known = films.get(imdbId)
      if (known) return known
      const before = await read(imdbId).catch(() => undefined)
      if (!before?.stored) return undefined
      const { identifier, title, year, licence } = before.stored
      const film = { identifier, title, year: year ?? undefined, licence }
      films.set(imdbId, film)
      await write(imdbId, film, before).catch(() => undefined)
      return film
    },
  }
}

const noteName = (imdbId: string): string => `archive-id:${imdbId}`
