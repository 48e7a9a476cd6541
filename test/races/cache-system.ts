import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { filePaths } from '../../cache/disk/file-paths.ts'
import type { FileOnDisk, PinnedFile } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import type { Janitor } from '../../cache/limits/janitor.ts'
import { type DiskFileStore, openFileStore } from '../../cache/store/disk-file-store.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceInFile,
  pieceSize,
} from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import {
  allPieces,
  fakeClock,
  key,
  layout,
  log,
  payload,
  temporaryFolder,
} from '../cache/fixture.ts'

export const limits = { ttlSeconds: 600, maxFiles: 4, maxBytes: 17_000 }
export type OpenIndex = (dir: string, clock: Clock) => CacheIndex

export interface TestFile {
  readonly key: FileKey
  readonly layout: PieceLayout
}

const larger: TestFile = { key: key(7), layout: layout(40_000) }

/** Two torrents of files with shared boundary pieces, and one file larger than the limit. */
export const testFiles: readonly [TestFile, ...TestFile[]] = [
  larger,
  ...[0, 1].flatMap((torrent) =>
    [0, 1, 2].slice(torrent).map((file) => ({
      key: key(torrent, file),
      layout: layout(3500 + torrent * 3000, {
        offset: file * (3500 + torrent * 3000),
        torrentLength: 3 * (3500 + torrent * 3000),
      }),
    })),
  ),
]

/** A cache in one life of its process; crash() and restart() begin the next life on the same disk. */
export interface CacheSystem {
  readonly clock: ReturnType<typeof fakeClock>
  readonly store: DiskFileStore
  readonly index: CacheIndex
  readonly janitor: Janitor
  readonly pins: Map<FileKey, PinnedFile>
  restart(): Promise<void>
  /** The next life begins with the disk as it is now, without anything that a clean end writes. */
  crash(): Promise<void>
  end(): Promise<void>
}

export async function cacheSystem(openIndex: OpenIndex): Promise<CacheSystem> {
  const clock = fakeClock()
  let dir = await temporaryFolder()
  let lifecycle = await begin()

  async function begin() {
    const index = openIndex(dir, clock)
    const store = await openFileStore({ dir, persistent: true, index, clock, log })
    const janitor = createJanitor({ store, index, limits, clock, log, freeBytes: async () => 1e12 })
    return { index, store, janitor, pins: new Map<FileKey, PinnedFile>() }
  }
  async function close(): Promise<void> {
    for (const pin of lifecycle.pins.values()) pin.release()
    await lifecycle.store.close()
    await lifecycle.index.close()
  }

  return {
    clock,
    get store() {
      return lifecycle.store
    },
    get index() {
      return lifecycle.index
    },
    get janitor() {
      return lifecycle.janitor
    },
    get pins() {
      return lifecycle.pins
    },
    async restart() {
      await close()
      lifecycle = await begin()
    },
    async crash() {
      const next = await temporaryFolder()
      await cp(dir, next, { recursive: true, preserveTimestamps: true })
      await rm(join(next, '.lock'))
      await close()
      await rm(dir, { recursive: true })
      dir = next
      lifecycle = await begin()
    },
    async end() {
      await close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Every piece that a record counts is on disk, byte for byte. */
async function expectOnDisk(dir: string, record: FileOnDisk): Promise<number> {
  const { layout: l, pieces } = record
  const bytes = await readFile(filePaths(dir, record.key).payload)
  let counted = 0
  for (const piece of allPieces(l)) {
    if (!pieces.has(piece - firstPiece(l))) continue
    const { at, inside } = pieceInFile(l, piece)
    expect(bytes.subarray(at, at + inside)).toEqual(payload(l, at, at + inside - 1))
    counted += pieceSize(l, piece)
  }
  return counted
}

/** Must be true between any two operations while no download runs. */
export async function expectTrue({ store, index, janitor, pins }: CacheSystem): Promise<void> {
  const records = [...store.records()]
  let onDisk = 0
  for (const record of records) onDisk += await expectOnDisk(store.dir, record)
  const { usedBytes, reservedBytes } = await janitor.disk()
  expect({ usedBytes, reservedBytes }).toEqual({ usedBytes: onDisk, reservedBytes: 0 })
  expect(usedBytes).toBeLessThanOrEqual(limits.maxBytes)
  expect(records.length).toBeLessThanOrEqual(limits.maxFiles)

  expect(await index.totals(store.node)).toEqual({ files: records.length, bytes: usedBytes })
  for (const record of records) {
    const { bytes, complete } = record
    expect(await index.find(record.key)).toMatchObject([{ bytes, complete, node: store.node }])
    expect(store.stored(record.key)).toBe(complete ? record : undefined)
  }
  for (const pin of pins.values()) expect(store.stored(pin.record.key)).toBe(pin.record)

  const files = await readdir(store.dir, { recursive: true })
  const payloads = files.filter((name) => /^[0-9a-f]{40}\/\d+$/.test(name))
  expect(payloads.sort()).toEqual(records.map((record) => record.key as string).sort())
}
