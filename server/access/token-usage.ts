import type { ServerResponse } from 'node:http'
import type { CacheIndex } from '../../cache/index/cache-index.ts'
import type { AccessToken } from '../../common/access-tokens.ts'
import type { Clock } from '../../common/clock.ts'
import { Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'

/** How often what was sent is written down: so much may be forgotten when the process is killed. */
const SAVE_MS = 10_000
/** Longer than a month, for the month may end while the server is away. */
const KEPT_MS = 40 * 24 * 3600 * 1000
const WRITE_TRIES = 5

/** A token's bytes in one month. */
interface Month {
  readonly name: string
  /** As the index has it: of all nodes, and before the last start. */
  saved: number
  /** Sent by this process and not in the index yet. */
  unsaved: number
  /** Resolves once `saved` has been read from the index, or could not be. */
  loaded: Promise<void>
}

export interface TokenUsageParts {
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Log
}

/** What each token uses: films played at once on this node, and bytes a calendar month on all nodes. */
export class TokenUsage {
  readonly #parts: TokenUsageParts
  /** Hash of the token -> film -> its open responses. */
  readonly #playing = new Map<string, Map<string, number>>()
  readonly #months = new Map<string, Month>()
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
    if (token.monthlyBytes === undefined) return
    const month = this.#monthOf(token)
    month.unsaved += bytes
    if (month.saved + month.unsaved > token.monthlyBytes) throw new Fault('TOKEN_BYTES')
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
    const month = this.#monthOf(token)
    await month.loaded
    if (month.saved + month.unsaved >= token.monthlyBytes) throw new Fault('TOKEN_BYTES')
  }

  #monthOf({ sha256 }: AccessToken): Month {
    const yearAndMonth = new Date(this.#parts.clock.wall()).toISOString().slice(0, 7)
    const name = `access:${sha256.slice(0, 32)}:${yearAndMonth}`
    const known = this.#months.get(sha256)
    if (known?.name === name) return known
    const month: Month = { name, saved: 0, unsaved: 0, loaded: Promise.resolve() }
    month.loaded = this.#load(month)
    this.#months.set(sha256, month)
    return month
  }

  async #load(month: Month): Promise<void> {
    const stored = await this.#parts.index.readValue<unknown>(month.name).catch(() => undefined)
    month.saved = Math.max(month.saved, bytesIn(stored))
  }

  /** Writes the unsaved bytes to the index, one call after the other: two at once would add them twice. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      for (const month of [...this.#months.values()]) {
        if (month.unsaved > 0) await this.#write(month)
      }
    })
    return this.#saving
  }

  async #write(month: Month): Promise<void> {
    const { index, log } = this.#parts
    try {
      for (let tries = 0; tries < WRITE_TRIES; tries++) {
        const stored = await index.readValue<unknown>(month.name)
        const inIndex = bytesIn(stored)
        // The index may have forgotten it for others (CACHE_META_MB): that gives nobody new bytes.
        const before = Math.max(inIndex, month.saved)
        const { unsaved } = month
        const sum = before + unsaved
        if (!(await index.writeValue(month.name, sum, stored?.revision ?? 0, KEPT_MS))) continue
        month.saved = sum
        month.unsaved -= unsaved
        return
      }
    } catch (err) {
      log.warn({ err }, 'what an access token has used could not be written down')
    }
  }
}

/** Others may write to the index: what is no number of bytes counts as none, or nobody could add to it. */
const bytesIn = (stored: { readonly value: unknown } | undefined): number =>
  Number.isSafeInteger(stored?.value) ? Math.max(0, Number(stored?.value)) : 0
