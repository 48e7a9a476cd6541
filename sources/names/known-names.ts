import { LRUCache } from 'lru-cache'
import type { EpisodeMarks, ParsedName } from './parsed-name.ts'

/** What is remembered of a name: what it says, or that it takes too long to read. */
export type Known = { readonly says: ParsedName | EpisodeMarks | undefined }

/** About what an entry takes beside its texts. */
const ENTRY_BYTES = 300
/** A list of 500 sources and a pack of 2,000 files take 2 MB. */
const MAX_BYTES = 8 * 1024 * 1024
/** A name that nobody came to, because others before it took all the time: it may be a good one. */
const UNREAD_TTL_MS = 600_000

/** What names say, by kind and name, the most recently used in 8 MiB. */
export class KnownNames {
  readonly #known = new LRUCache<string, Known>({
    maxSize: MAX_BYTES,
    sizeCalculation: (known, key) => ENTRY_BYTES + 2 * key.length + bytesOf(known),
  })

  get(key: string): Known | undefined {
    return this.#known.get(key)
  }

  set(key: string, says: Known['says']): Known {
    const known = { says }
    this.#known.set(key, known)
    return known
  }

  unread(key: string): Known {
    const known = { says: undefined }
    this.#known.set(key, known, { ttl: UNREAD_TTL_MS })
    return known
  }
}

/** Lists of numbers are what can be long: eight bytes each. Texts are a few short ones. */
function bytesOf({ says }: Known): number {
  if (!says) return 0
  const words = 'hdr' in says ? [...says.hdr, ...says.audio, ...says.languages] : []
  const texts = 'series' in says ? [says.series] : [says.title, says.tokens, says.group, ...words]
  const numbers = 'episodes' in says ? says.episodes.length : 0
  return 8 * numbers + 2 * texts.join().length
}
