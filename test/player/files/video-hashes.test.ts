import { describe, expect, test } from '@jest/globals'
import type { FileOnDisk, FileStore, PinnedFile } from '../../../cache/disk/file-store.ts'
import { fileKey } from '../../../common/bittorrent/file-key.ts'
import { createVideoHashes } from '../../../player/files/video-hashes.ts'
import { payload } from '../../support/swarm/payload.ts'
import { createFakeIndex, silent } from '../fakes.ts'

const key = fileKey('ab'.repeat(20), 0)

function storeOf(bytes: Buffer | undefined) {
  const counts = { pinned: 0, released: 0 }
  const store: Pick<FileStore, 'stored' | 'pin'> = {
    stored: () => (bytes ? ({} as FileOnDisk) : undefined),
    async pin() {
      if (!bytes) return undefined
      counts.pinned++
      const pinned: Pick<PinnedFile, 'size' | 'read' | 'release'> = {
        size: bytes.length,
        read({ start, end }) {
          let at = start
          return {
            // Less than asked for, as a disk may give.
            async read(into) {
              const got = bytes.copy(into, 0, at, Math.min(end + 1, at + 10_000))
              at += got
              return got
            },
            close: () => undefined,
          }
        },
        release: () => void counts.released++,
      }
      return pinned as PinnedFile
    },
  }
  return { store, counts }
}

describe('the hash of a video', () => {
  test('is its size and the words of both ends; a vector made by hand', async () => {
    // 128 KiB of zeros but for the first word of either end: size + 1 + 2.
    const bytes = Buffer.alloc(131_072)
    bytes.writeBigUInt64LE(1n, 0)
    bytes.writeBigUInt64LE(2n, 65_536)
    const hashes = createVideoHashes({ ...storeOf(bytes), index: createFakeIndex(), log: silent })
    expect(hashes.peek(key)).toBeUndefined()
    await hashes.compute(key)
    expect(hashes.peek(key)).toBe((131_072 + 3).toString(16).padStart(16, '0'))
  })

  test('overflows as 64-bit words do, and takes a file smaller than its ends', async () => {
    const bytes = Buffer.alloc(16, 0xff)
    const hashes = createVideoHashes({ ...storeOf(bytes), index: createFakeIndex(), log: silent })
    await hashes.compute(key)
    // 16 - 4: four words of -1, for both ends are the whole file.
    expect(hashes.peek(key)).toBe('000000000000000c')
  })

  test('is computed once for all who ask, and after a restart not at all', async () => {
    const index = createFakeIndex()
    const { store, counts } = storeOf(payload('film', 200_000))
    const first = createVideoHashes({ store, index, log: silent })
    await Promise.all([first.compute(key), first.compute(key)])
    await first.compute(key)
    expect(counts).toEqual({ pinned: 1, released: 1 })
    const second = createVideoHashes({ store, index, log: silent })
    await second.compute(key)
    expect(second.peek(key)).toBe(first.peek(key))
    expect(counts.pinned).toBe(1)
  })

  test('without its file, or without an index, nothing fails', async () => {
    const index = createFakeIndex()
    const none = createVideoHashes({ ...storeOf(undefined), index, log: silent })
    await none.compute(key)
    expect(none.peek(key)).toBeUndefined()
    index.down = true
    const alone = createVideoHashes({ ...storeOf(Buffer.alloc(8)), index, log: silent })
    await alone.compute(key)
    expect(alone.peek(key)).toBe('0000000000000008')
  })
})
