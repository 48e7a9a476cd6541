import { z } from 'zod'
import type { FileOnDisk, FileStore } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { cachedEntry } from '../../cache/index/cached-entry.ts'
import { inParallel } from '../../cache/store/in-parallel.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { parseTitle, type Title } from '../../common/title.ts'
import { isTriedId } from '../../sources/free-films.ts'

/** A title that plays from this server's disk from its first byte to its last. */
export interface StoredTitle {
  readonly title: Title
  /** From the torrent, cleaned of control characters. */
  readonly fileName: string
}

/** Remembers in the index which titles the files on disk are: a file itself knows only its torrent. */
export interface StoredTitles {
  /** That title plays this file. Never rejects: a file that is not remembered is only missing in the catalog. */
  remember(key: FileKey, title: Title): Promise<void>
  /** The titles of complete files, the last used first. Never rejects. */
  list(): Promise<readonly StoredTitle[]>
}

/** A value is written again once a day while its file is on disk, so that it does not expire before the file. */
const DAY_MS = 86_400_000
const TTL_MS = 30 * DAY_MS
/** More than anybody scrolls through; each one is read from the index once in the life of a process. */
const MOST = 2000
const WIDTH = 16

const entryShape = z.object({
  type: z.enum(['movie', 'series']),
  imdbId: z.string(),
  season: z.int().optional(),
  episode: z.int().optional(),
  /** Wall-clock milliseconds. */
  at: z.number(),
})

export function createStoredTitles(deps: {
  store: Pick<FileStore, 'records'>
  index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  clock: Clock
  log: Log
}): StoredTitles {
  const { store, index, clock, log } = deps
  // Forgotten after a day, so that values are written again in time.
  const titles = cachedEntry({
    index,
    key: (key: FileKey) => `title:${key}`,
    shape: entryShape,
    ttlMs: TTL_MS,
    max: MOST * 5,
    memory: { ttlMs: DAY_MS, clock },
  })

  async function read(key: FileKey): Promise<void> {
    const { value, revision } = await titles.load(key)
    if (!value) titles.remember(key, null)
    else if (Math.abs(clock.wall() - value.at) > DAY_MS) {
      await titles.save(key, { ...value, at: clock.wall() }, revision)
    }
  }

  const absent = (error: unknown): void => {
    log.debug({ err: error }, 'the index did not say or take the title of a file')
  }

  return {
    async remember(key, title) {
      // What was tried is no title, and the one that plays it next is remembered instead.
      if (isTriedId(title.imdbId) || titles.peek(key)) return
      const value = { ...title, at: clock.wall() }
      titles.remember(key, value)
      await titles.update(key, () => value).catch(absent)
    },
    async list() {
      const here = recentFirst(store.records()).slice(0, MOST)
      const unknown = here.filter(({ key }) => titles.peek(key) === undefined)
      await inParallel(unknown, WIDTH, ({ key }) => read(key)).catch(absent)
      return here.flatMap(({ key, name }) => {
        const value = titles.peek(key)
        const title = value && titleIn(value)
        return title ? [{ title, fileName: name }] : []
      })
    },
  }
}

const recentFirst = (records: Iterable<FileOnDisk>): readonly FileOnDisk[] =>
  [...records].filter(({ complete }) => complete).reverse()

/** Undefined for what is no title. */
function titleIn({ type, imdbId, season, episode }: z.infer<typeof entryShape>): Title | undefined {
  try {
    return parseTitle(type, imdbId, season?.toString(), episode?.toString())
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}
