import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import { type FetchableFile, MAX_NAME } from './fetchable-file.ts'

/** What is known of a source's content without asking anybody. */
export interface KnownFile {
  readonly infoHash: string
  readonly key: FileKey
  readonly name?: string
  readonly size?: number
}

/** Which file a source's selector came to for a title: notes in the index, and the last ones in memory. */
export interface KnownFiles {
  /** From memory only. */
  peek(title: Title, source: Source): KnownFile | undefined
  recall(title: Title, source: NumberedSource): Promise<KnownFile | undefined>
  /** Never rejects: an index that is away costs a look-up later, not the play. */
  remember(title: Title, source: NumberedSource, fetchable: FetchableFile): Promise<void>
}

/** Read back from a backend that others may write to: a note of another shape is no note. */
const entryShape = z.object({
  infoHash: z.string().regex(/^[0-9a-f]{40}$/),
  fileIdx: z.int().min(0).max(99_999),
  name: z.string().max(MAX_NAME * 2),
  size: z.int().positive(),
})
type Entry = z.infer<typeof entryShape>

const ENTRY_TTL_MS = 30 * 24 * 3600 * 1000
const IN_MEMORY = 10_000

/** Absent when only the .torrent behind a URL can tell. */
export const knownInfoHash = (source: Source): string | undefined =>
  source.locator.kind === 'magnet' || source.locator.kind === 'torrent'
    ? source.locator.infoHash
    : undefined

const known = (note: Entry): KnownFile => ({
  infoHash: note.infoHash,
  key: fileKey(note.infoHash, note.fileIdx),
  name: note.name,
  size: note.size,
})

/** The name in memory, made of what a source says of itself: lists ask for sources without numbers too. */
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
      const note = entryShape.safeParse((await readValue(indexKey(title, source)))?.value)
      if (!note.success) return undefined
      const infoHash = knownInfoHash(source)
      if (infoHash !== undefined && infoHash !== note.data.infoHash) return undefined
      memory.set(nameOf(title, source), known(note.data))
      return known(note.data)
    },
    async remember(title, source, { infoHash, fileIdx, name: fileName, layout }) {
      const note: Entry = { infoHash, fileIdx, name: fileName, size: layout.size }
      memory.set(nameOf(title, source), known(note))
      const name = indexKey(title, source)
      const old = await readValue(name)
      try {
        // Lost to another writer: it wrote the same, for a torrent never changes.
        await index.writeValue(name, note, old?.revision ?? 0, ENTRY_TTL_MS)
      } catch (error) {
        log.debug({ err: error }, 'the index did not take a note')
      }
    },
  }
}
