import { cpSync } from 'node:fs'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { filePaths } from '../../cache/disk/file-paths.ts'
import { createJanitor } from '../../cache/limits/disk-janitor.ts'
import type { EvictionBudget, Janitor, Purpose } from '../../cache/limits/janitor.ts'
import { type DiskFileStore, openFileStore } from '../../cache/store/disk-file-store.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import { pieceInFile, pieceSize } from '../../common/bittorrent/piece-layout.ts'
import { systemClock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import { allPieces, temporaryFolder } from '../cache/fixture.ts'
import { type SeededRandom, seededRandom } from '../common/seeded-random.ts'
import { playSlots } from '../player/downloads/slots-played.ts'
import {
  askerAt,
  type Bench,
  createBench,
  eventually,
  film,
  magnetOf,
  PIECE,
  silent,
  sourceOf,
} from '../player/fakes.ts'
import { buildTorrent } from '../support/swarm/torrent.ts'
import { RoomEngine } from './room-engine.ts'

const pack = buildTorrent({
  name: 'pack',
  files: { 'one.mp4': PIECE * 4 + 300, 'two.mp4': PIECE * 5 + 77 },
  pieceLength: PIECE,
})
const films = [film('a'), film('b', PIECE * 6), film('c', PIECE * 12 + 9), film('d', 5), pack]
/** Sources by number; the pack's files share a piece, and the first film is there twice. */
const plays = [
  ...films.slice(0, 4).map((torrent) => ({ torrent, fileIdx: 0 })),
  ...[0, 1].map((fileIdx) => ({ torrent: pack, fileIdx })),
  { torrent: films[0] ?? pack, fileIdx: 0 },
]
const sources = plays.map(({ torrent, fileIdx }, number) =>
  sourceOf(magnetOf(torrent), number, { fileIdx }),
)
const bytesOf = (number: number): Buffer => {
  const { torrent, fileIdx } = plays[number] ?? {}
  return torrent?.files[fileIdx ?? 0]?.bytes ?? Buffer.alloc(0)
}
const keyOf = (number: number): FileKey =>
  fileKey(plays[number]?.torrent?.infoHash ?? '', plays[number]?.fileIdx ?? 0)
const sizeOf = (key: FileKey): number =>
  Math.max(...plays.map((_, n) => (keyOf(n) === key ? bytesOf(n).length : 0)))
const MAX_BYTES = PIECE * 17
const ADDRESSES = ['home', 'office', 'greedy'] as const
/** Films that may go for the one window of an address without allowance. */
const WINDOW_FILMS = 4
const VIEWERS = 5
const PLAYS_EACH = 5

/** The viewers of an address over one life of the process, and what went for them. */
class Account {
  film = 0
  evicted = 0
  windowFilms = 0
  readonly watched: FileKey[] = []
}

/** One life of the process on that folder. */
class Life {
  readonly dir: string
  readonly store: DiskFileStore
  readonly janitor: Janitor
  readonly bench: Bench
  readonly engine: RoomEngine
  readonly accounts = new Map<string, Account>(ADDRESSES.map((name) => [name, new Account()]))
  /** Evictions for an address that had nothing left. */
  readonly beyond: string[] = []
  isOver = false

  static async begin(dir: string, random: SeededRandom): Promise<Life> {
    const shared = { index: createMemoryIndex({ clock: systemClock }), clock: systemClock }
    const store = await openFileStore({ ...shared, log: silent, dir, persistent: true })
    return new Life(dir, store, random, shared)
  }

  private constructor(
    dir: string,
    store: DiskFileStore,
    random: SeededRandom,
    shared: Pick<Parameters<typeof createJanitor>[0], 'index' | 'clock'>,
  ) {
    this.dir = dir
    this.store = store
    const limits = { ttlSeconds: 3600, maxFiles: 4, maxBytes: MAX_BYTES }
    const freeBytes = async (): Promise<number> => 1e12
    this.janitor = createJanitor({ ...shared, log: silent, store, limits, freeBytes })
    this.#watchBudgets()
    const real = { store, janitor: this.janitor }
    this.bench = createBench({ torrents: films, sources, real, maxDownloads: 3 })
    this.engine = new RoomEngine(random, films)
    this.bench.engine.open = this.engine.open
    playSlots(this.bench.engine, films)
  }

  /** Ends it, and everything it held; the folder stays. */
  async end(): Promise<void> {
    this.isOver = true
    await this.bench.player.close()
    await this.store.close()
  }

  #watchBudgets(): void {
    const reserve = this.janitor.reserve.bind(this.janitor)
    this.janitor.reserve = (key, purpose) => {
      const reservation = reserve(key, purpose)
      const grow = reservation.grow.bind(reservation)
      reservation.grow = (bytes, budget, promised, leavesRoom) => {
        // A film's worth is that of the first film room was taken for, free or not.
        for (const account of this.#watching(key))
          account.film = Math.max(account.film, sizeOf(key))
        return grow(bytes, budget && this.#counted(key, purpose, budget), promised, leavesRoom)
      }
      return reservation
    }
  }

  #watching(key: FileKey): readonly Account[] {
    return [...this.accounts.values()].filter(({ watched }) => watched.includes(key))
  }

  #counted(key: FileKey, purpose: Purpose, budget: EvictionBudget): EvictionBudget {
    return {
      ...budget,
      spend: (bytes, files) => {
        if (bytes > 0) this.#charge(key, purpose, bytes)
        budget.spend(bytes, files)
      },
    }
  }

  /** Only of an address that watches alone is it known that it pays. */
  #charge(key: FileKey, purpose: Purpose, bytes: number): void {
    const [alone, ...others] = this.#watching(key)
    if (!alone || others.length > 0) return
    // Nothing that is read here counts: a connection may have as much waiting unread.
    const isOver = alone.evicted >= alone.film
    // One slot is found for whoever has nothing left; the budget of slots asks for it by itself.
    const isWindow = (): boolean => purpose === 'slots' && alone.windowFilms++ < WINDOW_FILMS
    if (isOver && !isWindow()) this.beyond.push(`${bytes} for ${key}: ${JSON.stringify(alone)}`)
    alone.evicted += bytes
  }
}

/** Whole pieces of which a byte is on disk, and the files of slots. */
async function bytesOnDisk({ dir, store }: Life): Promise<number> {
  let sum = 0
  for (const { key, layout } of [...store.records()]) {
    const bytes = await readFile(filePaths(dir, key).payload).catch(() => Buffer.alloc(0))
    for (const piece of allPieces(layout)) {
      const { at, inside } = pieceInFile(layout, piece)
      if (bytes.subarray(at, at + inside).some((byte) => byte !== 0))
        sum += pieceSize(layout, piece)
    }
  }
  for (const name of await readdir(join(dir, 'slots')).catch(() => [])) {
    sum += await stat(join(dir, 'slots', name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return sum
}

async function expectWithin(life: Life): Promise<void> {
  const { usedBytes, reservedBytes } = await life.janitor.disk()
  expect(usedBytes + reservedBytes).toBeLessThanOrEqual(MAX_BYTES)
  let onDisk = await bytesOnDisk(life)
  // Files are read one after the other: what went and what came meanwhile may both have counted.
  for (let again = 0; onDisk > MAX_BYTES && again < 5; again++) {
    await sleep(5)
    onDisk = await bytesOnDisk(life)
  }
  expect(onDisk).toBeLessThanOrEqual(MAX_BYTES)
  expect(life.beyond).toEqual([])
}

/** Plays, seeks, leaves: every byte must be right. What ends a play must be a fault. */
async function watch(life: Life, random: SeededRandom): Promise<number> {
  const address = random.pick(ADDRESSES)
  const account = life.accounts.get(address) ?? new Account()
  const isGreedy = address === 'greedy'
  let bytes = 0
  for (let n = isGreedy ? 3 * PLAYS_EACH : PLAYS_EACH; n > 0 && !life.isOver; n--) {
    const number = random.below(plays.length)
    const key = keyOf(number)
    account.watched.push(key)
    const { playable, leave } = life.bench.play(number, askerAt(address))
    if (random.below(6) === 0) leave()
    try {
      const made = await playable
      bytes += await look(made, bytesOf(number), random, isGreedy ? 1 : 12)
      made.release()
    } catch (error) {
      if (!(error instanceof Fault) && !isLeaving(error)) throw error
    } finally {
      leave()
      account.watched.splice(account.watched.indexOf(key), 1)
    }
  }
  return bytes
}

const isLeaving = (error: unknown): boolean =>
  error instanceof Error && /gone|closed|close|left/.test(error.message)

async function look(
  playable: Awaited<ReturnType<Bench['play']>['playable']>,
  content: Buffer,
  random: SeededRandom,
  reads: number,
): Promise<number> {
  let bytes = 0
  for (let seek = random.below(3); seek >= 0; seek--) {
    let at = random.below(content.length)
    const reader = playable.read({ start: at, end: content.length - 1 })
    try {
      for (let n = random.below(reads + 1); n >= 0 && at < content.length; n--) {
        const into = Buffer.alloc(1 + random.below(PIECE))
        const got = await reader.read(into)
        if (!into.subarray(0, got).equals(content.subarray(at, at + got))) {
          throw new Error(`wrong bytes at ${at}`)
        }
        at += got
        bytes += got
        if (random.below(3) === 0) await tick()
      }
    } finally {
      reader.close()
    }
  }
  return bytes
}

/** Until every viewer has gone, or the process ends in the middle. @returns bytes that were read */
async function run(life: Life, random: SeededRandom, dieAt: number): Promise<number> {
  let watching = true
  const viewers = Array.from({ length: VIEWERS }, () =>
    watch(life, seededRandom(random.below(1e9))),
  )
  const all = Promise.all(viewers).finally(() => {
    watching = false
  })
  all.catch(() => {})
  for (let step = 0; watching && step !== dieAt; step++) {
    if (step > 20_000) throw new Error('a viewer waits for ever')
    life.engine.step()
    await expectWithin(life)
    await tick()
  }
  if (watching) return 0
  return (await all).reduce((sum, bytes) => sum + bytes, 0)
}

/** The next life begins with the disk as it was in the middle of everything. */
async function crash(life: Life): Promise<string> {
  const next = await temporaryFolder()
  for (let tries = 10; ; tries--) {
    try {
      // At one moment, as far as that can be had: other threads may be writing or removing.
      cpSync(life.dir, next, { recursive: true, preserveTimestamps: true })
      break
    } catch (error) {
      if (tries === 0) throw error
      await rm(next, { recursive: true, force: true })
    }
  }
  await rm(join(next, '.lock'), { force: true })
  await life.end()
  await rm(life.dir, { recursive: true, force: true })
  return next
}

async function expectNothingLeft(life: Life): Promise<void> {
  await eventually('given back', () => life.bench.player.status.stats.arrivals.running === 0)
  expect(await life.janitor.disk()).toMatchObject({ reservedBytes: 0 })
  expect(await readdir(join(life.dir, 'slots')).catch(() => [])).toEqual([])
  const files = await readdir(life.dir, { recursive: true })
  const payloads = files.filter((name) => /^[0-9a-f]{40}\/\d+$/.test(name))
  const records = [...life.store.records()]
  expect(payloads.sort()).toEqual(records.map(({ key }) => key as string).sort())
  expect(await bytesOnDisk(life)).toBe((await life.janitor.disk()).usedBytes)
}

describe('room as bytes arrive, with several addresses, seeks, leaving, dying engines and crashes', () => {
  const first = seededRandom().seed
  test.each(Array.from({ length: 6 }, (_, i) => first + i))('PLAYLINK_SEED=%d', async (seed) => {
    const random = seededRandom(seed)
    let life = await Life.begin(await temporaryFolder(), random)
    try {
      for (let n = 0; n < 2; n++) {
        await run(life, random, 20 + random.below(150))
        life = await Life.begin(await crash(life), random)
      }
      await expectWithin(life)
      expect(await run(life, random, -1)).toBeGreaterThan(0)
      await expectNothingLeft(life)
    } finally {
      await life.end()
      await rm(life.dir, { recursive: true, force: true })
    }
  })
})
