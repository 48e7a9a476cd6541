import { cleanText } from '../../common/clean-text.ts'
import type { Clock } from '../../common/clock.ts'
import { moduleBeside } from '../../common/host/module-beside.ts'
import type { Log } from '../../common/log.ts'
import { Owners } from '../../common/permits/owners.ts'
import { MAX_NAME, MAX_PATH } from './fold.ts'
import { KnownNames } from './known-names.ts'
import { NameBatch } from './name-batch.ts'
import { NameOrder } from './name-order.ts'
import {
  type EpisodeMarks,
  episodeMarksShape,
  NO_NAME,
  type ParsedName,
  parsedNameShape,
} from './parsed-name.ts'
import type { Kind } from './worker-protocol.ts'
import { type Outcome, WorkerThread, type WorkerThreadOptions } from './worker-thread.ts'

/**
 * Reads what strangers named: releases, and the files of torrents. Never rejects. `owners`: for which
 * addresses, where that is counted; those that keep it longest come last.
 */
export interface NameParser {
  /** In their order; a name that cannot be read in time says nothing (`NO_NAME`). */
  releases(names: readonly string[], owners?: Owners): Promise<readonly ParsedName[]>
  /**
   * In their order, of the paths of a torrent's files (`/` between segments); `torrent` is the
   * torrent's own name. Undefined: it cannot be read in time.
   */
  marks(
    paths: readonly string[],
    torrent?: string,
    owners?: Owners,
  ): Promise<readonly (EpisodeMarks | undefined)[]>
}

export interface NameParserOptions extends Partial<WorkerThreadOptions> {
  readonly clock: Clock
  readonly log: Log
  /** How long the slow names of one call may keep the worker, milliseconds. */
  readonly budgetMs?: number
  /** How long a caller waits when many do, milliseconds. */
  readonly waitMs?: number
}

/** A usual name takes a tenth of a millisecond; the machine may be busy. */
const NAME_MS = 300
const START_MS = 15_000
/** For slow names, beside what usual ones take: a list waits four seconds for all of its providers. */
const BUDGET_MS = 1000
/** Of each name, in the budget of one call: ten times what a usual one takes. */
const USUAL_MS = 1
const SHAPES = { release: parsedNameShape, marks: episodeMarksShape } as const
/** Then it goes on without the names that were not read: no sooner than a worker has had its time to start. */
const WAIT_MS = START_MS
/** Names that are sent at once. */
const CHUNK = 500
/** Names that may wait, of all callers: others are not read. */
const MOST_WAITING = 20_000
/** How long a worker that could not start is left alone: doubled each time. */
const REST_MS = 1000
const MOST_REST_MS = 60_000

/**
 * The parsers of names have exponential patterns: in a worker such a name ends its own reading only,
 * and not the service. The callers take turns; what a name said, or that it was too slow, is
 * remembered. Its worker loads from the beginning.
 */
export class WorkerNameParser implements NameParser {
  readonly #clock: Clock
  readonly #log: Log
  readonly #budgetMs: number
  readonly #waitMs: number
  readonly #threadOptions: WorkerThreadOptions
  readonly #known = new KnownNames()
  readonly #order = new NameOrder()
  #queue: NameBatch[] = []
  #thread: WorkerThread | undefined
  #reading: Promise<void> | undefined
  #isReading = false
  #chunks = 0
  #restMs = 0
  #restUntil = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: NameParserOptions) {
    const { clock, log, budgetMs = BUDGET_MS, waitMs = WAIT_MS, ...thread } = options
    this.#clock = clock
    this.#log = log
    this.#budgetMs = budgetMs
    this.#waitMs = waitMs
    const entry = moduleBeside('./name-worker', import.meta.url)
    this.#threadOptions = { entry, nameMs: NAME_MS, startMs: START_MS, ...thread }
    this.#start()
  }

  /** Names that wait are given up. Resolves when the worker is gone. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#thread?.end()
    await this.#reading
  }

  async releases(names: readonly string[], owners?: Owners): Promise<readonly ParsedName[]> {
    const short = names.map((name) => name.slice(0, MAX_NAME))
    const found = await this.#find('release', '', short, owners)
    return found.map((known) => (known?.says ?? NO_NAME) as ParsedName)
  }

  async marks(paths: readonly string[], torrent = '', owners?: Owners) {
    const short = paths.map((path) => path.slice(-MAX_PATH))
    const found = await this.#find('marks', torrent.slice(0, MAX_NAME), short, owners)
    return found.map((known) => known?.says as EpisodeMarks | undefined)
  }

  async #find(kind: Kind, torrent: string, names: readonly string[], owners = new Owners()) {
    const keys = names.map((name) => `${kind}\0${torrent}\0${name}`)
    const known = keys.map((key) => this.#known.get(key))
    const missing = new Map<string, string>()
    for (const [at, key] of keys.entries()) {
      if (!known[at]) missing.set(key, names[at] ?? '')
    }
    if (missing.size === 0) return known
    const budgetMs = this.#budgetMs + USUAL_MS * missing.size
    const found = await this.#read(
      new NameBatch({ kind, torrent, names: missing, budgetMs, waitMs: this.#waitMs, owners }),
    )
    return known.map((one, at) => one ?? found.get(keys[at] ?? ''))
  }

  #read(batch: NameBatch) {
    const waiting = this.#queue.reduce((sum, one) => sum + one.size, 0)
    if (this.#closed || waiting + batch.size > MOST_WAITING) batch.giveUp()
    else this.#queue.push(batch)
    if (!this.#isReading) this.#reading = this.#readAll()
    return batch.done
  }

  /** Some names of whose turn it is, until nobody waits. */
  async #readAll(): Promise<void> {
    this.#isReading = true
    for (let batch = this.#next(); batch; batch = this.#next()) {
      this.#takeKnown(batch)
      if (batch.size > 0) await this.#readSome(batch)
      if (batch.isSpent && !batch.hasInnocent) this.#forgo(batch)
      if (batch.size > 0) this.#queue.push(batch)
    }
    // At once: whoever comes after this finds nobody reading.
    this.#isReading = false
  }

  #next(): NameBatch | undefined {
    this.#queue = this.#queue.filter(({ size }) => size > 0)
    const next = this.#order.next(this.#queue)
    if (next) this.#queue.splice(this.#queue.indexOf(next), 1)
    return next
  }

  /** What another batch has read meanwhile. */
  #takeKnown(batch: NameBatch): void {
    for (const key of batch.next(CHUNK).map(([one]) => one)) {
      const known = this.#known.get(key)
      if (known) batch.answer(key, known)
    }
  }

  async #readSome(batch: NameBatch): Promise<void> {
    const thread = await this.#running()
    if (!thread) return batch.giveUp()
    const wanted = batch.next(CHUNK)
    const names = wanted.map(([, name]) => name)
    const { kind, torrent } = batch
    const began = this.#clock.steady()
    const outcome = await thread.ask({ id: ++this.#chunks, kind, torrent, names })
    const tookMs = this.#clock.steady() - began
    batch.took(tookMs)
    this.#order.took(batch.owners, tookMs)
    if (outcome.kind === 'answers') {
      this.#restMs = 0
      for (const [at, answer] of outcome.answers.slice(0, wanted.length).entries()) {
        const key = wanted[at]?.[0] ?? ''
        batch.answer(key, this.#known.set(key, SHAPES[kind].safeParse(answer).data))
      }
    } else this.#lost(batch, outcome, wanted)
  }

  /** Begins to load a worker, so that the next name need not wait for that. */
  #start(): void {
    this.#thread ??= new WorkerThread(this.#threadOptions)
  }

  /** The worker that is there, or a new one; undefined while none can start. */
  async #running(): Promise<WorkerThread | undefined> {
    if (this.#closed) return undefined
    if (this.#thread?.isEnded) this.#thread = undefined
    if (!this.#thread && this.#clock.steady() < this.#restUntil) return undefined
    this.#start()
    const thread = this.#thread
    if (await thread?.loaded) return thread
    if (!this.#closed) this.#rest()
    return undefined
  }

  /** Only the name that the worker was at is to blame; the others are asked again. */
  #lost(
    batch: NameBatch,
    { at }: Extract<Outcome, { kind: 'ended' }>,
    wanted: readonly (readonly [string, string])[],
  ) {
    const [key, name] = (at === undefined ? undefined : wanted[at]) ?? []
    if (this.#closed || key === undefined || name === undefined) {
      if (!this.#closed) this.#rest()
      return batch.giveUp()
    }
    this.#log.warn(
      { begins: cleanText(name, 40), length: name.length },
      'a name took too long to read, and counts as none',
    )
    batch.lostAt(key, this.#known.set(key, undefined), at ?? 0)
    // The next one loads while nobody waits for it.
    this.#thread = undefined
    this.#start()
  }

  #rest(): void {
    this.#thread = undefined
    this.#restMs = Math.min(MOST_REST_MS, Math.max(REST_MS, this.#restMs * 2))
    this.#restUntil = this.#clock.steady() + this.#restMs
    this.#log.warn({ seconds: this.#restMs / 1000 }, 'names cannot be read for a while')
  }

  /** They took all the time that one call has: the rest is not read, now or soon. */
  #forgo(batch: NameBatch): void {
    const keys = batch.waitingKeys()
    if (keys.length === 0) return
    this.#log.warn({ names: keys.length }, 'names took too long to read; these count as none')
    for (const key of keys) batch.answer(key, this.#known.unread(key))
  }
}
