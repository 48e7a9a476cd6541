import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import type { PartialFile } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type Janitor, type Reservation, unlimited } from '../../cache/limits/janitor.ts'
import { type DiskFileStore, openFileStore } from '../../cache/store/disk-file-store.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import {
  firstPiece,
  footprint,
  type PieceLayout,
  pieceCount,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { createLog } from '../../common/log.ts'

export const log = createLog('silent')('cache')

export interface FakeClock extends Clock {
  /** Both clocks, milliseconds. */
  pass(ms: number): void
  /** The wall clock alone. */
  jump(ms: number): void
}

export function fakeClock(wall = Date.now()): FakeClock {
  let steadyNow = 1000
  let wallNow = wall
  return {
    wall: () => wallNow,
    steady: () => steadyNow,
    pass(ms) {
      steadyNow += ms
      wallNow += ms
    },
    jump(ms) {
      wallNow += ms
    },
  }
}

export const key = (n: number, fileIdx = 0): FileKey =>
  fileKey(n.toString(16).padStart(40, '0'), fileIdx)

/** A file that is its whole torrent, unless offset and torrentLength say otherwise. */
export const layout = (size: number, more: Partial<PieceLayout> = {}): PieceLayout => ({
  pieceLength: 1024,
  torrentLength: size,
  offset: 0,
  size,
  ...more,
})

export const allPieces = (l: PieceLayout): number[] =>
  Array.from({ length: pieceCount(l) }, (_, i) => firstPiece(l) + i)

/** Byte `at` of a torrent, so that every read can be checked. */
const byteAt = (at: number): number => (at * 31 + (at >> 8)) & 0xff

export function payload(l: PieceLayout, start = 0, end = l.size - 1): Buffer {
  return Buffer.from(
    Array.from({ length: end - start + 1 }, (_, i) => byteAt(l.offset + start + i)),
  )
}

/** Where the engine writes the file itself. */
export const payloadOf = ({ folder, record }: PartialFile): string =>
  join(folder, record.key.split('/')[1] ?? '')

/** Writes pieces as the engine does, and marks them. */
export async function arrive(partial: PartialFile, pieces?: readonly number[]): Promise<void> {
  const l = partial.record.layout
  const fileIdx = partial.record.key.split('/')[1]
  const wanted = pieces ?? allPieces(l)
  const file = await open(payloadOf(partial), 'r+')
  try {
    for (const piece of wanted) {
      const { before, after, inside, at } = pieceInFile(l, piece)
      await file.write(payload(l, at, at + inside - 1), 0, inside, at)
      if (before + after > 0) {
        await writeFile(
          join(partial.folder, 'edges', `${fileIdx}-${piece}`),
          Buffer.alloc(before + after),
        )
      }
    }
  } finally {
    await file.close()
  }
  partial.mark(wanted)
}

/** Room for a whole file at once. `spare`: only what is free. @throws Fault DOES_NOT_FIT */
export async function reserveWhole(
  janitor: Pick<Janitor, 'reserve'>,
  key: FileKey,
  l: PieceLayout,
  spare?: 'spare',
): Promise<Reservation> {
  const reservation = janitor.reserve(key, 'file')
  try {
    await reservation.grow(footprint(l), spare ? undefined : unlimited, footprint(l))
    return reservation
  } catch (error) {
    reservation.release()
    throw error
  }
}

export interface World {
  readonly dir: string
  readonly clock: FakeClock
  readonly index: CacheIndex
  readonly store: DiskFileStore
  /** A complete file of this node. */
  put(key: FileKey, l: PieceLayout): Promise<void>
  /** A partial file with these pieces, closed. */
  putPartial(key: FileKey, l: PieceLayout, pieces: readonly number[]): Promise<void>
  /** Closes the store and opens it again on the same folder. */
  reopen(persistent?: boolean): Promise<World>
  /** Ends everything and removes the folder. */
  end(): Promise<void>
}

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), `playlink-test-${randomBytes(3).toString('hex')}-`))
}

export async function world(
  given: { dir?: string; clock?: FakeClock; persistent?: boolean } = {},
): Promise<World> {
  const dir = given.dir ?? (await temporaryFolder())
  const clock = given.clock ?? fakeClock()
  const index = createMemoryIndex({ clock })
  const store = await openFileStore({
    dir,
    persistent: given.persistent ?? true,
    index,
    clock,
    log,
  })

  async function close(): Promise<void> {
    await store.close()
    await index.close()
  }

  async function put(k: FileKey, l: PieceLayout, pieces?: readonly number[]): Promise<void> {
    const partial = await store.open(k, `film ${k}`, l)
    await arrive(partial, pieces)
    if (!pieces) await partial.publish()
    await partial.close()
  }

  return {
    dir,
    clock,
    index,
    store,
    put: (k, l) => put(k, l),
    putPartial: put,
    async reopen(persistent = true) {
      await close()
      return world({ dir, clock, persistent })
    },
    async end() {
      await close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** All bytes of a reader's range, in small reads. */
export async function readAll(
  reader: { read(into: Buffer): Promise<number>; close(): void },
  step = 700,
): Promise<Buffer> {
  const parts: Buffer[] = []
  for (;;) {
    const into = Buffer.alloc(step)
    const n = await reader.read(into)
    if (n === 0) break
    parts.push(into.subarray(0, n))
  }
  reader.close()
  return Buffer.concat(parts)
}

/** Pseudo-random numbers decided by a seed (mulberry32). */
export function seeded(seed: number): { next(): number; below(n: number): number } {
  let state = seed
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { next, below: (n) => Math.floor(next() * n) }
}
