import { LRUCache } from 'lru-cache'
import type { FileStore, PinnedFile } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
import { readWhole } from '../../common/read-whole.ts'

/** OpenSubtitles' hashes of the files that are here: clients find subtitles by them. */
export interface VideoHashes {
  /** 16 hex digits; undefined until it was computed, which asking begins. */
  peek(key: FileKey): string | undefined
  /** Computes it, unless it was before; resolves when that is over. Never rejects. */
  compute(key: FileKey): Promise<void>
}

const BLOCK = 64 * 1024
const IN_MEMORY = 10_000
const ENTRY_TTL_MS = 30 * 86_400_000
const HASH = /^[0-9a-f]{16}$/
const MASK = (1n << 64n) - 1n

export function createVideoHashes(deps: {
  store: Pick<FileStore, 'stored' | 'pin'>
  index: CacheIndex
  log: Log
}): VideoHashes {
  const { store, index, log } = deps
  const memory = new LRUCache<FileKey, string>({ max: IN_MEMORY })
  const running = new Map<FileKey, Promise<void>>()

  async function work(key: FileKey): Promise<void> {
    try {
      const name = `videohash:${key}`
      const note = await index.readValue<unknown>(name).catch(() => undefined)
      if (typeof note?.value === 'string' && HASH.test(note.value)) {
        memory.set(key, note.value)
        return
      }
      const pinned = await store.pin(key)
      if (!pinned) return
      const hash = await hashOf(pinned).finally(() => pinned.release())
      memory.set(key, hash)
      await index.writeValue(name, hash, note?.revision ?? 0, ENTRY_TTL_MS)
    } catch (error) {
      log.debug({ err: error, key }, 'no hash of a video')
    }
  }

  function compute(key: FileKey): Promise<void> {
    if (memory.has(key) || !store.stored(key)) return Promise.resolve()
    const before = running.get(key)
    if (before) return before
    const job = work(key).finally(() => running.delete(key))
    running.set(key, job)
    return job
  }

  return {
    peek(key) {
      const hash = memory.get(key)
      if (hash === undefined) void compute(key)
      return hash
    },
    compute,
  }
}

/**
 * Size plus the sums of the first and the last 64 KiB as little-endian 64-bit words, modulo 2^64
 * (https://trac.opensubtitles.org/projects/opensubtitles/wiki/HashSourceCodes).
 */
async function hashOf(file: Pick<PinnedFile, 'size' | 'read'>): Promise<string> {
  const length = Math.min(BLOCK, file.size)
  const first = await readWhole(file, 0, length)
  const last = await readWhole(file, file.size - length, length)
  const sum = BigInt(file.size) + words(first) + words(last)
  return (sum & MASK).toString(16).padStart(16, '0')
}

function words(block: Buffer): bigint {
  let sum = 0n
  for (let at = 0; at + 8 <= block.length; at += 8) sum += block.readBigUInt64LE(at)
  return sum
}
