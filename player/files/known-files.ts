import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { storedEntry } from '../../cache/index/stored-entry.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
import { atMost } from '../../common/memory/lru-options.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import { type FetchableFile, MAX_NAME } from './fetchable-file.ts'

/** The file of a torrent that a source means, as far as it is known without asking anybody. */
export interface KnownFile {
  readonly infoHash: string
  readonly key: FileKey
  readonly name?: string
  readonly size?: number
}

/** Remembers which file of its torrent a source means for a title: in the index, the last ones in memory too. */
export interface KnownFiles {
  /** From memory, or from the source itself; the index is not asked. */
  peek(title: Title, source: Source): KnownFile | undefined
  recall(title: Title, source: NumberedSource): Promise<KnownFile | undefined>
  /** Tells memory only: what is in the torrent tells it again after a restart. */
  learn(title: Title, source: Source, file: StoredSelection): void
  /** Never rejects: without the index it is found out again at a later play. */
  remember(title: Title, source: NumberedSource, fetchable: FetchableFile): Promise<void>
}

/** Others may write to the backend too: a value of another shape counts as absent. */
const entryShape = z.object({
  infoHash: z.string().regex(/^[0-9a-f]{40}$/),
  fileIdx: z.int().min(0).max(99_999),
  name: z.string().max(MAX_NAME * 2),
  size: z.int().positive(),
})
type StoredSelection = z.infer<typeof entryShape>

/** What a file is known for: a title, and the source that was chosen for it. */
interface Meant {
  readonly title: Title
  readonly source: NumberedSource
}

const ENTRY_TTL_MS = 30 * 24 * 3600 * 1000
const IN_MEMORY = 10_000

/** Undefined when only the .torrent at the source's address can tell. */
export const knownInfoHash = (source: Source): string | undefined =>
  source.locator.kind === 'magnet' || source.locator.kind === 'torrent'
    ? source.locator.infoHash
    : undefined

const known = (stored: StoredSelection): KnownFile => ({
  infoHash: stored.infoHash,
  key: fileKey(stored.infoHash, stored.fileIdx),
  name: stored.name,
  size: stored.size,
})

/** The key in memory, made of what the source says of itself: lists also ask for sources without a number. */
function nameOf(title: Title, source: Source): string {
  const { locator, selector } = source
  const torrent = locator.kind === 'torrent' ? locator.from : knownInfoHash(source)
  return JSON.stringify([titleId(title), torrent, selector.file, selector.fileIdx])
}

function fromSelector(source: Source): KnownFile | undefined {
  const infoHash = knownInfoHash(source)
  const { file, fileIdx, isHint } = source.selector
  // The torrent has to tell whether the file there is called so, or is what another server says that it is.
  if (infoHash === undefined || fileIdx === undefined || file !== undefined || isHint)
    return undefined
  return { infoHash, key: fileKey(infoHash, fileIdx) }
}

export function createKnownFiles(deps: { index: CacheIndex; log: Log }): KnownFiles {
  const { index, log } = deps
  const memory = new LRUCache<string, KnownFile>(atMost(IN_MEMORY))
  const stored = storedEntry({
    index,
    key: (meant: Meant) => `content:${meant.source.key}:${titleId(meant.title)}`,
    shape: entryShape,
    ttlMs: ENTRY_TTL_MS,
  })

  async function load(meant: Meant): Promise<StoredSelection | undefined> {
    try {
      return (await stored.load(meant)).value
    } catch (error) {
      log.debug({ err: error }, 'the index did not answer; going on without it')
      return undefined
    }
  }

  const now = (title: Title, source: Source) =>
    memory.get(nameOf(title, source)) ?? fromSelector(source)

  return {
    peek: now,
    async recall(title, source) {
      const here = now(title, source)
      if (here) return here
      const found = await load({ title, source })
      if (!found) return undefined
      const infoHash = knownInfoHash(source)
      if (infoHash !== undefined && infoHash !== found.infoHash) return undefined
      memory.set(nameOf(title, source), known(found))
      return known(found)
    },
    learn: (title, source, file) => void memory.set(nameOf(title, source), known(file)),
    async remember(title, source, { infoHash, fileIdx, name, layout }) {
      const value: StoredSelection = { infoHash, fileIdx, name, size: layout.size }
      memory.set(nameOf(title, source), known(value))
      try {
        // When another node was faster, it wrote the same: a torrent never changes.
        await stored.update({ title, source }, () => value)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a value')
      }
    },
  }
}
