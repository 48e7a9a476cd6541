import type { FileOnDisk, FileStore } from '../../cache/disk/file-store.ts'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { Seed, type SeedParts } from './seed.ts'
import { type SeedCount, seedCounts } from './seed-counts.ts'

/** Until when a complete file is given back; 0: that does not matter. */
export interface SeedGoal {
  /** Bytes sent, in sizes of the file. */
  readonly ratio: number
  readonly seconds: number
}

type Parts = Omit<SeedParts, 'counts' | 'store'> & {
  readonly store: SeedParts['store'] & Pick<FileStore, 'records' | 'stored'>
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly goal: SeedGoal
  /** Milliseconds; tests shorten it. */
  readonly lookMs?: number
}

const LOOK_MS = 5000
/** Files that are offered at once: those used last. Each has its peers and its trackers. */
const MAX_SEEDS = 16
/** What could not be offered is tried again so much later. */
const RETRY_MS = 60_000

/**
 * Offers complete files to their swarms until SEED_RATIO or SEED_TIME is reached, whichever is first. Until
 * then their time on disk is not over, but who needs their room gets it as from a paused viewer. What a
 * file has been given is counted across restarts. Without a goal a file seeds only while it is watched.
 */
export class Seeding {
  readonly #parts: Parts & SeedParts
  readonly #seeds = new Map<FileKey, Seed>()
  /** Files that have reached the goal, or cannot be offered before that moment of the steady clock. */
  readonly #resting = new Map<FileKey, number>()
  readonly #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closed = false

  constructor(parts: Parts) {
    this.#parts = { ...parts, counts: seedCounts(parts.index) }
    const { ratio, seconds } = parts.goal
    if (ratio === 0 && seconds === 0) return
    this.#timer = setInterval(() => this.#look(), parts.lookMs ?? LOOK_MS)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#running
    await Promise.all([...this.#seeds.values()].map((seed) => seed.close()))
    this.#seeds.clear()
  }

  #look(): void {
    this.#running ??= this.#once().finally(() => {
      this.#running = undefined
    })
  }

  /** Never rejects. */
  async #once(): Promise<void> {
    const { store } = this.#parts
    for (const [key, until] of this.#resting) {
      if (!store.stored(key) || until <= this.#parts.clock.steady()) this.#resting.delete(key)
    }
    const wanted = [...store.records()].filter((record) => this.#isWanted(record)).slice(-MAX_SEEDS)
    const keys = new Set(wanted.map(({ key }) => key))
    for (const [key, seed] of this.#seeds) {
      await seed.tally()
      const isOver = this.#isReached(seed.count, store.stored(key))
      if (isOver) this.#resting.set(key, Number.POSITIVE_INFINITY)
      if (!isOver && seed.isWhole && keys.has(key)) continue
      this.#seeds.delete(key)
      await seed.close()
      if (!seed.isWhole) this.#rest(key)
    }
    for (const record of wanted) if (!this.#seeds.has(record.key)) await this.#begin(record)
  }

  #isWanted({ key, complete }: FileOnDisk): boolean {
    return complete && !this.#resting.has(key) && this.#parts.store.stored(key) !== undefined
  }

  #isReached(count: SeedCount, file: FileOnDisk | undefined): boolean {
    const { ratio, seconds } = this.#parts.goal
    const size = file?.layout.size ?? 0
    return (
      (ratio > 0 && count.uploaded >= ratio * size) || (seconds > 0 && count.seconds >= seconds)
    )
  }

  async #begin(record: FileOnDisk): Promise<void> {
    const { key } = record
    if (this.#closed || this.#resting.has(key)) return
    try {
      const { value = { uploaded: 0, seconds: 0 } } = await this.#parts.counts.load(key)
      if (this.#isReached(value, record)) {
        this.#resting.set(key, Number.POSITIVE_INFINITY)
        return
      }
      const seed = await Seed.open(this.#parts, key, value)
      if (seed) this.#seeds.set(key, seed)
      else this.#rest(key)
    } catch (error) {
      this.#parts.log.debug({ err: error, key }, 'a file could not be offered')
      this.#rest(key)
    }
  }

  #rest(key: FileKey): void {
    this.#resting.set(key, this.#parts.clock.steady() + RETRY_MS)
  }
}
