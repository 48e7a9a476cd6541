import type { ServerResponse } from 'node:http'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { AccessToken } from '../../common/access-tokens.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'

/** How often what was sent is written down: so much may be forgotten when the process is killed. */
const SAVE_MS = 10_000
const DAY_MS = 24 * 3600 * 1000
/** Longer than a month, and than a day: it may end while the server is away. */
const KEPT_MS = { month: 40 * DAY_MS, day: 2 * DAY_MS }
const WRITE_TRIES = 5

/** A token's bytes in one month or day. */
interface Sum {
  readonly name: string
  readonly keptMs: number
  /** As the index has it: of all nodes, and before the last start. */
  saved: number
  /** Sent by this process and not in the index yet. */
  unsaved: number
}

/** The sums of a token that are of today. */
interface Sums {
  /** UTC, as `2026-11-28`. */
  readonly date: string
  readonly day: Sum
  readonly month: Sum
  /** Resolves once what the index has of the month has been read, or could not be. */
  readonly loaded: Promise<void>
}

/** What a token uses now, for the operator. */
export interface TokenUse {
  /** Films that it plays on this node. */
  readonly streams: number
  /** Bytes of films on all nodes, today and this month (UTC). Null: its month is not counted. */
  readonly dayBytes: number
  readonly monthBytes: number | null
}

export interface TokenUsageParts {
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Log
}

/** What each token uses: films played at once on this node, and bytes a day and a calendar month on all nodes. */
export class TokenUsage {
  readonly #parts: TokenUsageParts
  /** Hash of the token -> film -> its open responses. */
  readonly #playing = new Map<string, Map<string, number>>()
  readonly #sums = new Map<string, Sums>()
  readonly #unsaved = new Set<Sum>()
  readonly #timer: NodeJS.Timeout
  #saving: Promise<void> = Promise.resolve()

  constructor(parts: TokenUsageParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.save(), SAVE_MS)
    this.#timer.unref()
  }

  /**
   * Counts a play until its response has closed. Several responses of one film are one stream, as
   * players ask for its parts side by side.
   * @param film any name that is equal for the same film
   * @throws Fault TOKEN_BYTES, TOKEN_STREAMS
   */
  async admit(token: AccessToken, film: string, res: ServerResponse): Promise<void> {
    await this.#refuseUsedUp(token)
    const films = this.#playing.get(token.sha256) ?? new Map<string, number>()
    const responses = films.get(film) ?? 0
    if (responses === 0 && films.size >= token.streams) {
      throw new Fault('TOKEN_STREAMS', { retryAfterSeconds: 10 })
    }
    if (res.destroyed) return
    this.#playing.set(token.sha256, films.set(film, responses + 1))
    res.once('close', () => this.#left(token.sha256, film))
  }

  /** Bytes on their way to a viewer. @throws Fault TOKEN_BYTES when the month's are used up */
  took(token: AccessToken, bytes: number): void {
    const { day, month } = this.#sumsOf(token)
    this.#add(day, bytes)
    if (token.monthlyBytes === undefined) return
    this.#add(month, bytes)
    if (month.saved + month.unsaved > token.monthlyBytes) throw new Fault('TOKEN_BYTES')
  }

  /** Never rejects: what cannot be read of the index now is left out. */
  async usedBy(token: AccessToken): Promise<TokenUse> {
    const { day, month } = this.#sumsOf(token)
    const isCounted = token.monthlyBytes !== undefined
    const [dayBytes, monthBytes] = await Promise.all([
      this.#bytesOf(day),
      isCounted ? this.#bytesOf(month) : null,
    ])
    return { streams: this.#playing.get(token.sha256)?.size ?? 0, dayBytes, monthBytes }
  }

  /** Writes the unsaved bytes to the index. Never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.save()
  }

  #left(hash: string, film: string): void {
    const films = this.#playing.get(hash)
    const responses = (films?.get(film) ?? 1) - 1
    if (responses > 0) films?.set(film, responses)
    else films?.delete(film)
    if (films?.size === 0) this.#playing.delete(hash)
  }

  async #refuseUsedUp(token: AccessToken): Promise<void> {
    if (token.monthlyBytes === undefined) return
    const { month, loaded } = this.#sumsOf(token)
    await loaded
    if (month.saved + month.unsaved >= token.monthlyBytes) throw new Fault('TOKEN_BYTES')
  }

  #add(sum: Sum, bytes: number): void {
    sum.unsaved += bytes
    this.#unsaved.add(sum)
  }

  get #today(): string {
    return new Date(this.#parts.clock.wall()).toISOString().slice(0, 10)
  }

  #sumsOf(token: AccessToken): Sums {
    const known = this.#sums.get(token.sha256)
    const date = this.#today
    if (known?.date === date) return known
    const { day, month } = newSums(token, date)
    const sums =
      known?.month.name === month.name
        ? { ...known, date, day }
        : { date, day, month, loaded: this.#load(month) }
    this.#sums.set(token.sha256, sums)
    return sums
  }

  async #load(sum: Sum): Promise<void> {
    const stored = await this.#storedOf(sum)
    sum.saved = Math.max(sum.saved, stored)
  }

  async #bytesOf(sum: Sum): Promise<number> {
    const stored = await this.#storedOf(sum)
    return Math.max(sum.saved, stored) + sum.unsaved
  }

  async #storedOf({ name }: Sum): Promise<number> {
    return bytesIn(await this.#parts.index.readValue<unknown>(name).catch(() => undefined))
  }

  /** Writes the unsaved bytes to the index, one call after the other: two at once would add them twice. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      for (const sum of [...this.#unsaved]) await this.#write(sum)
    })
    return this.#saving
  }

  async #write(sum: Sum): Promise<void> {
    const { index, log } = this.#parts
    try {
      for (let tries = 0; tries < WRITE_TRIES; tries++) {
        const stored = await index.readValue<unknown>(sum.name)
        const inIndex = bytesIn(stored)
        // The index may have forgotten it for others (CACHE_META_MB): that gives nobody new bytes.
        const before = Math.max(inIndex, sum.saved)
        const { unsaved } = sum
        const after = before + unsaved
        if (!(await index.writeValue(sum.name, after, stored?.revision ?? 0, sum.keptMs))) continue
        sum.saved = after
        sum.unsaved -= unsaved
        if (sum.unsaved === 0) this.#unsaved.delete(sum)
        return
      }
    } catch (err) {
      log.warn({ err }, 'what an access token has used could not be written down')
    }
  }
}

/** @param date UTC, as `2026-11-28` */
function newSums({ sha256 }: AccessToken, date: string): Pick<Sums, 'day' | 'month'> {
  const sum = (span: keyof typeof KEPT_MS, of: string): Sum => ({
    name: `access:${sha256.slice(0, 32)}:${of}`,
    keptMs: KEPT_MS[span],
    ...{ saved: 0, unsaved: 0 },
  })
  return { day: sum('day', date), month: sum('month', date.slice(0, 7)) }
}

/** Others may write to the index: what is no number of bytes counts as none, or nobody could add to it. */
const bytesIn = (stored: { readonly value: unknown } | undefined): number =>
  Number.isSafeInteger(stored?.value) ? Math.max(0, Number(stored?.value)) : 0
