import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
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
  const { fileIdx } = source.selector
  if (infoHash === undefined || fileIdx === undefined) return undefined
  return { infoHash, key: fileKey(infoHash, fileIdx) }
}

export function createKnownFiles(deps: { index: CacheIndex; log: Log }): KnownFiles {
  const { index, log } = deps
  const memory = new LRUCache<string, KnownFile>({ max: IN_MEMORY })
  const indexKey = (title: Title, source: NumberedSource) =>
    `content:${source.key}:${titleId(title)}`

  async function readValue(name: string) {
    try {
      return await index.readValue<unknown>(name)
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
      const stored = entryShape.safeParse((await readValue(indexKey(title, source)))?.value)
      if (!stored.success) return undefined
      const infoHash = knownInfoHash(source)
      if (infoHash !== undefined && infoHash !== stored.data.infoHash) return undefined
      memory.set(nameOf(title, source), known(stored.data))
      return known(stored.data)
    },
    async remember(title, source, { infoHash, fileIdx, name: fileName, layout }) {
      const value: StoredSelection = { infoHash, fileIdx, name: fileName, size: layout.size }
      memory.set(nameOf(title, source), known(value))
      const name = indexKey(title, source)
      const old = await readValue(name)
      try {
        // When another node was faster, it wrote the same: a torrent never changes.
        await index.writeValue(name, value, old?.revision ?? 0, ENTRY_TTL_MS)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a value')
      }
    },
  }
}
