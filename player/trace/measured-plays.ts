import { z } from 'zod'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import { type CachedEntry, cachedEntry } from '../../cache/index/cached-entry.ts'
import type { PlayedHere } from '../../common/availability.ts'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import { SingleFlight } from '../../common/single-flight.ts'
import { type Title, titleId } from '../../common/title.ts'

export interface MeasuredPlaysParts {
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  readonly log: Log
  /** Until what was measured is written, milliseconds; tests shorten it. */
  readonly writeAfterMs?: number
}

const DAY_MS = 86_400_000
/** A swarm of last month says little of today's. */
const LASTS_MS = 14 * DAY_MS
const MAX_TITLES = 5000
const MOST_OF_TITLE = 60
/** Another node that shares the index may have played it. */
const ASK_AGAIN_MS = 60_000
/** Many plays are written at once, and none asks more of the index for it. */
const WRITE_AFTER_MS = 30_000
/** Somebody else writes to the same title at the same time. */
const MOST_TRIES = 3
/** A link is opened anew for every range: what is about the same is not written again for so long. */
const SAME_FOR_MS = 3_600_000

/** An earlier start than that was another one. */
const LONGEST_PLAY_MS = 6 * 3_600_000

const figuresShape = z.object({
  /** Wall-clock milliseconds. */
  at: z.number(),
  firstByteMs: z.number().min(0).max(3_600_000).optional(),
  bytesPerSecond: z.number().positive().max(1e12).optional(),
})
type Figures = z.infer<typeof figuresShape>

/** By what is played: the key of a file, or of a source that is relayed. Others may write to the index too. */
const entryShape = z
  .record(z.string().regex(/^[0-9a-z/]{1,60}$/), figuresShape)
  .refine((all) => Object.keys(all).length <= MOST_OF_TITLE)
type OfTitle = z.infer<typeof entryShape>

/** What of a play is measured. */
interface MeasuredPlay {
  readonly from: string
  /** The name of its figures; undefined: nothing is measured. */
  readonly measuredAs?: string
  times?(): { readonly piece: number | undefined } | undefined
  /** Bytes a second that came from elsewhere. */
  rate?(): number | undefined
}

/**
 * How soon and how fast sources played here lately: the last figures of each source, whoever played it, in one
 * value of the index for each title. Nothing in it says who.
 */
export class MeasuredPlays {
  readonly #parts: MeasuredPlaysParts
  readonly #entries: CachedEntry<Title, OfTitle>
  readonly #reads = new SingleFlight<void>({ whenAbandoned: 'finish' })
  readonly #writes = new SingleFlight<void>({ whenAbandoned: 'finish' })
  /** By title: what is not in the index yet. */
  readonly #waiting = new Map<string, { readonly title: Title; readonly told: OfTitle }>()
  #timer: NodeJS.Timeout | undefined

  constructor(parts: MeasuredPlaysParts) {
    this.#parts = parts
    const { index, clock } = parts
    this.#entries = cachedEntry({
      index,
      key: (title: Title) => `measured:${titleId(title)}`,
      shape: entryShape,
      ttlMs: LASTS_MS,
      max: MAX_TITLES,
      memory: { ttlMs: ASK_AGAIN_MS, clock },
    })
  }

  /** Reads back what the index has of a title. Never rejects. */
  async recall(title: Title): Promise<void> {
    if (this.#entries.peek(title) !== undefined) return
    await this.#reads.join(titleId(title), undefined, () => this.#read(title))
  }

  /** From memory. `name`: as `measuredAs`; or an info hash with `/` behind it, if one file of that torrent was played. */
  peek(title: Title, name: string): PlayedHere | undefined {
    const all = this.#entries.peek(title) ?? {}
    const names = name.endsWith('/')
      ? Object.keys(all).filter((one) => one.startsWith(name))
      : [name]
    const figures = names.length === 1 ? all[names[0] ?? ''] : undefined
    const now = this.#parts.clock.wall()
    if (!figures || now - figures.at > LASTS_MS) return undefined
    const { at, ...rest } = figures
    return { ...rest, daysAgo: Math.max(0, dayOf(now) - dayOf(at)) }
  }

  /**
   * A play has its first bytes. Counts only when they came from elsewhere since: what was here says nothing of the
   * source.
   * @param startedAt when it was asked for, on the steady clock
   */
  started(title: Title, playable: MeasuredPlay, startedAt: number): void {
    const { from, measuredAs } = playable
    const cameAt = from === 'relay' ? startedAt : playable.times?.()?.piece
    if (measuredAs === undefined || cameAt === undefined || cameAt < startedAt) return
    const firstByteMs = Math.round(this.#parts.clock.steady() - startedAt)
    // The rate is that of this play, or none.
    this.#note(title, measuredAs, { firstByteMs, bytesPerSecond: undefined })
  }

  /** A play is over, and has told how fast its bytes came. */
  ended(title: Title, { measuredAs, rate }: MeasuredPlay): void {
    const bytesPerSecond = measuredAs === undefined ? undefined : rate?.()
    if (measuredAs === undefined || bytesPerSecond === undefined) return
    const known = this.#entries.peek(title)?.[measuredAs]
    const isOfThisPlay = known && this.#parts.clock.wall() - known.at < LONGEST_PLAY_MS
    const firstByteMs = isOfThisPlay ? known.firstByteMs : undefined
    this.#note(title, measuredAs, { firstByteMs, bytesPerSecond })
  }

  #note(title: Title, name: string, told: Omit<Figures, 'at'>): void {
    const figures = { ...told, at: this.#parts.clock.wall() }
    const known = this.#entries.peek(title) ?? {}
    if (isSame(known[name], figures)) return
    const id = titleId(title)
    this.#entries.remember(title, this.#joined(known, { [name]: figures }))
    this.#waiting.set(id, { title, told: { ...this.#waiting.get(id)?.told, [name]: figures } })
    const { writeAfterMs = WRITE_AFTER_MS } = this.#parts
    this.#timer ??= setTimeout(() => void this.#writeAll(), writeAfterMs).unref()
  }

  /** Writes what is not in the index yet. */
  async close(): Promise<void> {
    await this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const titles = [...this.#waiting.values()].map(({ title }) => title)
    await Promise.all(
      titles.map((title) => this.#writes.join(titleId(title), undefined, () => this.#write(title))),
    )
  }

  async #read(title: Title): Promise<void> {
    try {
      const { value } = await this.#entries.load(title)
      if (!value) this.#entries.remember(title, null)
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not answer; going on without it')
    }
  }

  async #write(title: Title): Promise<void> {
    const id = titleId(title)
    try {
      for (let tries = 0; this.#waiting.has(id) && tries < MOST_TRIES; tries++) {
        const waiting = this.#waiting.get(id)
        const told = waiting?.told ?? {}
        if (!(await this.#entries.update(title, (stored) => this.#joined(stored, told)))) continue
        // Told meanwhile: that is another one.
        if (this.#waiting.get(id) === waiting) this.#waiting.delete(id)
        else tries = -1
      }
    } catch (error) {
      this.#parts.log.debug({ err: error }, 'the index did not take a value')
    }
    this.#waiting.delete(id)
  }

  /** The latest of both, without what is too old. */
  #joined(stored: OfTitle | undefined, told: OfTitle): OfTitle {
    const oldest = this.#parts.clock.wall() - LASTS_MS
    const all = Object.entries({ ...stored, ...told }).filter(([, { at }]) => at >= oldest)
    return Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_OF_TITLE))
  }
}

/** Days of the calendar here. */
const dayOf = (at: number): number =>
  Math.floor((at - new Date(at).getTimezoneOffset() * 60_000) / DAY_MS)

const near = (a = 0, b = 0): boolean => Math.abs(a - b) <= 0.2 * Math.max(a, b)

/** A rate is that of a whole download: the next range of the same one tells it again. */
function isSame(known: Figures | undefined, told: Figures): boolean {
  if (!known || told.at - known.at > SAME_FOR_MS) return false
  const isStart = told.bytesPerSecond === undefined
  return (
    near(known.firstByteMs, told.firstByteMs) &&
    (isStart || near(known.bytesPerSecond, told.bytesPerSecond))
  )
}
