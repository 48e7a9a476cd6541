import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { type CachedEntry, cachedEntry } from '../../../cache/index/cached-entry.ts'
import type { Loaded } from '../../../cache/index/stored-entry.ts'
import type { Clock } from '../../../common/clock.ts'
import { atMost, lastingBy } from '../../../common/memory/lru-options.ts'
import { digestId, isOwnId } from '../../free-films.ts'
import type { FreeFilm } from './archive-films.ts'

/** Ids of our own for items of the Internet Archive, remembered in the index. */
export interface ArchiveIds {
  /**
   * Undefined while the index cannot be reached: an id that nobody remembers would play nothing.
   */
  idOf(film: FreeFilm): Promise<string | undefined>
  filmOf(imdbId: string): Promise<FreeFilm | undefined>
}

const DAY_MS = 86_400_000
/** "Continue watching" finds a film for a year after it was last listed or played. */
const TTL_MS = 365 * DAY_MS
const MAX_IN_MEMORY = 5000
/** Two items of one number are rare (one in ten thousand films); three were never seen. */
const MAX_TRIES = 4

const storedShape = z.object({
  identifier: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/),
  title: z.string().min(1).max(300),
  year: z.int().nullable(),
  licence: z.string().max(100),
  /** When it was written; wall-clock milliseconds. */
  at: z.number(),
})
type StoredFilm = z.infer<typeof storedShape>

export const createArchiveIds = (
  index: Pick<CacheIndex, 'readValue' | 'writeValue'>,
  clock: Clock,
): ArchiveIds => new IndexedArchiveIds(index, clock)

class IndexedArchiveIds implements ArchiveIds {
  readonly #clock: Clock
  readonly #films: CachedEntry<string, StoredFilm>
  readonly #ids: LRUCache<string, string>

  constructor(index: Pick<CacheIndex, 'readValue' | 'writeValue'>, clock: Clock) {
    this.#clock = clock
    // A day: then what is still in use is written again, before the index forgets it.
    const memory = { ttlMs: DAY_MS, clock }
    const key = (imdbId: string) => `archive-id:${imdbId}`
    const max = MAX_IN_MEMORY
    this.#films = cachedEntry({ index, key, shape: storedShape, ttlMs: TTL_MS, max, memory })
    this.#ids = new LRUCache({ ...atMost(max), ...lastingBy(clock, DAY_MS) })
  }

  async idOf(film: FreeFilm): Promise<string | undefined> {
    const known = this.#ids.get(film.identifier)
    if (known) return known
    try {
      const id = await this.#claimId(film)
      if (id !== undefined) this.#ids.set(film.identifier, id)
      return id
    } catch {
      return undefined // the index is away; the film is listed when it is back
    }
  }

  async filmOf(imdbId: string): Promise<FreeFilm | undefined> {
    if (!isOwnId(imdbId)) return undefined
    const known = this.#films.peek(imdbId)
    if (known) return filmIn(known)
    const loaded = await this.#films.load(imdbId).catch(() => undefined)
    if (!loaded?.value) return undefined
    const film = filmIn(loaded.value)
    await this.#write(imdbId, film, loaded).catch(() => undefined)
    return film
  }

  /** @throws what the index throws when it cannot be reached */
  async #claimId(film: FreeFilm): Promise<string | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const id = digestId('tt99', film.identifier, tries)
      const loaded = await this.#films.load(id)
      if (loaded.value && loaded.value.identifier !== film.identifier) continue
      if (await this.#write(id, film, loaded)) return id
      // Somebody was faster, perhaps with another film: two films must not share an id.
      if ((await this.#films.load(id)).value?.identifier === film.identifier) return id
    }
    return undefined
  }

  /** At most once a day. False when somebody else has written meanwhile. */
  async #write(imdbId: string, film: FreeFilm, { value, revision }: Loaded<StoredFilm>) {
    const at = this.#clock.wall()
    if (value && Math.abs(at - value.at) < DAY_MS) return true
    const { identifier, title, licence } = film
    const stored = { identifier, title, licence, year: film.year ?? null, at }
    return this.#films.save(imdbId, stored, revision)
  }
}

const filmIn = ({ identifier, title, year, licence }: StoredFilm): FreeFilm => ({
  identifier,
  title,
  year: year ?? undefined,
  licence,
})
