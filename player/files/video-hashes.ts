import { z } from 'zod'
import type { FileStore, PinnedFile } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type CachedEntry, cachedEntry } from '../../cache/index/cached-entry.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Log } from '../../common/log.ts'
import { readWhole } from '../../common/read-whole.ts'
import { SingleFlight } from '../../common/single-flight.ts'

/** OpenSubtitles' hashes of the complete files on this disk: clients find subtitles by them. */
export interface VideoHashes {
  /** 16 hex digits; undefined until it has been computed. Asking begins that. */
  peek(key: FileKey): string | undefined
  /** Computes the hash unless it is known; resolves when that is over. Never rejects. */
  compute(key: FileKey): Promise<void>
}

export interface VideoHashesDeps {
  readonly store: Pick<FileStore, 'stored' | 'pin'>
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly log: Log
}

const BLOCK_BYTES = 64 * 1024
const MAX_IN_MEMORY = 10_000
const TTL_MS = 30 * 86_400_000
const UINT64_MASK = (1n << 64n) - 1n

export const createVideoHashes = (deps: VideoHashesDeps): VideoHashes => new RememberedHashes(deps)

class RememberedHashes implements VideoHashes {
  readonly #deps: VideoHashesDeps
  readonly #hashes: CachedEntry<FileKey, string>
  readonly #running = new SingleFlight<void>({ whenAbandoned: 'finish' })

  constructor(deps: VideoHashesDeps) {
    this.#deps = deps
    this.#hashes = cachedEntry({
      index: deps.index,
      key: (key: FileKey) => `videohash:${key}`,
      shape: z.string().regex(/^[0-9a-f]{16}$/),
      ttlMs: TTL_MS,
      max: MAX_IN_MEMORY,
    })
  }

  peek(key: FileKey): string | undefined {
    const hash = this.#hashes.peek(key) ?? undefined
    if (hash === undefined) void this.compute(key)
    return hash
  }

  async compute(key: FileKey): Promise<void> {
    if (this.#hashes.peek(key) || !this.#deps.store.stored(key)) return
    await this.#running.join(key, undefined, () => this.#compute(key))
  }

  /** From the index, else from the file. */
  async #compute(key: FileKey): Promise<void> {
    const { store, log } = this.#deps
    try {
      const nothing = { value: undefined, revision: 0 }
      const { value, revision } = await this.#hashes.load(key).catch(() => nothing)
      if (value) return
      const file = await store.pin(key)
      if (!file) return
      const hash = await hashOf(file).finally(() => file.release())
      this.#hashes.remember(key, hash)
      await this.#hashes.save(key, hash, revision)
    } catch (error) {
      log.debug({ err: error, key }, 'no hash of a video')
    }
  }
}

/**
 * The file's size plus the sums of its first and last 64 KiB as little-endian 64-bit words,
 * modulo 2^64 (https://trac.opensubtitles.org/projects/opensubtitles/wiki/HashSourceCodes).
 */
async function hashOf(file: Pick<PinnedFile, 'size' | 'read'>): Promise<string> {
  const length = Math.min(BLOCK_BYTES, file.size)
  const first = await readWhole(file, 0, length)
  const last = await readWhole(file, file.size - length, length)
  const sum = BigInt(file.size) + sumOfWords(first) + sumOfWords(last)
  return (sum & UINT64_MASK).toString(16).padStart(16, '0')
}

function sumOfWords(block: Buffer): bigint {
  let sum = 0n
  for (let at = 0; at + 8 <= block.length; at += 8) sum += block.readBigUInt64LE(at)
  return sum
}
