import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type StoredEntry, storedEntry } from '../../cache/index/stored-entry.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'

/** Longer than any file is kept without a use. */
const YEAR_MS = 31_536_000_000

const shape = z.object({
  /** Bytes sent to peers. */
  uploaded: z.number().nonnegative(),
  /** How long it was offered to them. */
  seconds: z.number().nonnegative(),
})

/** What a file has been given back so far, over all restarts. */
export type SeedCount = z.infer<typeof shape>

/** Kept in the index, under the name of the file. */
export const seedCounts = (
  index: Pick<CacheIndex, 'readValue' | 'writeValue'>,
): StoredEntry<FileKey, SeedCount> =>
  storedEntry({ index, key: (key: FileKey) => `seed:${key}`, shape, ttlMs: YEAR_MS })
