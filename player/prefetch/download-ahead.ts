import { FetchedElsewhere } from '../../cluster/fetched-elsewhere.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { asFault, Fault, type FaultCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { type Title, titleId } from '../../common/title.ts'
import type { Wish } from './wish.ts'
import { storeMagnet, storeTitle, type WishParts } from './wish-source.ts'

/** What became of something the operator asked for. */
export interface AheadView {
  readonly id: number
  /** `tt1254207`, `tt0903747:1` for a season, or the name of a magnet link. */
  readonly name: string
  /** Whether what is stored is kept from then on. */
  readonly keep: boolean
  readonly state: 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'stopped'
  /** Files of it that are stored by now. */
  readonly stored: number
  /** The file that is fetched now. */
  readonly key?: FileKey
  /** Why it failed. */
  readonly code?: FaultCode
}

/** Downloads that the operator asks for, before anybody plays them. */
export interface DownloadAhead {
  /** @throws Fault TOO_MANY_ARRIVALS when as many wait as may */
  add(wish: Wish, keep: boolean): number
  /** False when it is unknown or over. What it has on disk stays. */
  stop(id: number): boolean
  /** False when it neither waits nor runs. Its place goes to the next one, what it has on disk stays. */
  pause(id: number): boolean
  /** It waits again, in its old place. False when it is not paused. */
  resume(id: number): boolean
  /** The last ones too, newest first. */
  views(): readonly AheadView[]
}

export interface DownloadAheadParts extends WishParts {
  readonly log: Log
}

/** One after the other: what nobody waits for needs no more of the line than that. */
const MOST_WAITING = 100
const MOST_OVER = 50
/** Where so many episodes in a row have no source, the season is over. */
const MISSES_AT_END = 2
const MOST_EPISODES = 200

/** They are not over. */
const OPEN: ReadonlySet<AheadView['state']> = new Set(['waiting', 'running', 'paused'])
/** Of those the next episode may still be there. */
const MISSED: ReadonlySet<FaultCode> = new Set(['UNKNOWN_TITLE', 'NO_WANTED_FILE'])

interface Entry {
  readonly id: number
  readonly wish: Wish
  readonly name: string
  readonly keep: boolean
  /** Ends the attempt that runs. */
  abort: AbortController
  state: AheadView['state']
  stored: number
  key: FileKey | undefined
  code: FaultCode | undefined
}

/** A queue in memory: a restart forgets what had not begun, and keeps what is on disk. */
export class AheadQueue implements DownloadAhead {
  readonly #parts: DownloadAheadParts
  readonly #closing = new AbortController()
  #entries: Entry[] = []
  #lastId = 0
  #running: Promise<void> | undefined

  constructor(parts: DownloadAheadParts) {
    this.#parts = parts
  }

  add(wish: Wish, keep: boolean): number {
    this.#closing.signal.throwIfAborted()
    const open = this.#entries.filter(({ state }) => state === 'waiting' || state === 'paused')
    if (open.length >= MOST_WAITING) throw new Fault('TOO_MANY_ARRIVALS')
    const id = ++this.#lastId
    const begin = { state: 'waiting', stored: 0, key: undefined, code: undefined } as const
    this.#entries.push({
      id,
      wish,
      keep,
      name: nameOf(wish),
      abort: new AbortController(),
      ...begin,
    })
    this.#running ??= this.#run()
    return id
  }

  stop(id: number): boolean {
    const entry = this.#entries.find((one) => one.id === id)
    if (!entry || !OPEN.has(entry.state)) return false
    entry.state = 'stopped'
    entry.abort.abort(new Error('stopped by the operator'))
    return true
  }

  pause(id: number): boolean {
    const entry = this.#entries.find((one) => one.id === id)
    if (entry?.state !== 'waiting' && entry?.state !== 'running') return false
    entry.state = 'paused'
    entry.abort.abort(new Error('paused by the operator'))
    return true
  }

  resume(id: number): boolean {
    const entry = this.#entries.find((one) => one.id === id)
    if (entry?.state !== 'paused') return false
    entry.state = 'waiting'
    if (!this.#closing.signal.aborted) this.#running ??= this.#run()
    return true
  }

  views(): readonly AheadView[] {
    return this.#entries.toReversed().map(({ id, name, keep, state, stored, key, code }) => ({
      ...{ id, name, keep, state, stored },
      ...(state === 'running' && key && { key }),
      ...(code && { code }),
    }))
  }

  async close(reason: unknown): Promise<void> {
    this.#closing.abort(reason)
    await this.#running
  }

  async #run(): Promise<void> {
    // At least one tick: whoever adds the first one sees it wait.
    await Promise.resolve()
    for (;;) {
      const next = this.#entries.find(({ state }) => state === 'waiting')
      if (!next || this.#closing.signal.aborted) break
      await this.#fetch(next)
      const over = this.#entries.filter(({ state }) => !OPEN.has(state))
      const tooMany = new Set(over.slice(0, Math.max(0, over.length - MOST_OVER)))
      this.#entries = this.#entries.filter((entry) => !tooMany.has(entry))
    }
    this.#running = undefined
  }

  async #fetch(entry: Entry): Promise<void> {
    const { log } = this.#parts
    const abort = new AbortController()
    const { signal } = abort
    // From the first file on: what was stored before a pause is found on disk.
    Object.assign(entry, { abort, state: 'running', stored: 0, code: undefined })
    try {
      await this.#store(entry, AbortSignal.any([signal, this.#closing.signal]))
      if (!signal.aborted) entry.state = 'done'
    } catch (error) {
      // Paused or stopped; it may wait again by now.
      if (signal.aborted) return
      entry.state = this.#closing.signal.aborted ? 'stopped' : 'failed'
      entry.code = error instanceof FetchedElsewhere ? 'ANOTHER_NODE' : asFault(error).code
      log.info({ code: entry.code }, 'what the operator asked for could not be stored')
    }
  }

  async #store(entry: Entry, signal: AbortSignal): Promise<void> {
    const { wish } = entry
    const found = (key: FileKey): void => {
      entry.key = key
    }
    if (wish.kind === 'magnet') {
      return this.#stored(entry, await storeMagnet(this.#parts, wish.magnet, signal, found))
    }
    if (wish.kind === 'season') return this.#storeSeason(entry, wish, signal, found)
    return this.#stored(entry, await storeTitle(this.#parts, wish.title, signal, found))
  }

  /** Its episodes from the first on; one that cannot be had does not keep the others from it. */
  async #storeSeason(
    entry: Entry,
    { imdbId, season }: Extract<Wish, { kind: 'season' }>,
    signal: AbortSignal,
    found: (key: FileKey) => void,
  ): Promise<void> {
    let last: unknown = new Fault('UNKNOWN_TITLE')
    let misses = 0
    for (let episode = 1; misses < MISSES_AT_END && episode <= MOST_EPISODES; episode++) {
      const title: Title = { type: 'series', imdbId, season, episode }
      try {
        await this.#stored(entry, await storeTitle(this.#parts, title, signal, found))
        misses = 0
      } catch (error) {
        signal.throwIfAborted()
        const { code } = asFault(error)
        if (code === 'DOES_NOT_FIT') throw error
        misses = MISSED.has(code) ? misses + 1 : 0
        if (!MISSED.has(code)) entry.code = code
        last = error
      }
    }
    if (entry.stored === 0) throw last
  }

  async #stored(entry: Entry, key: FileKey): Promise<void> {
    entry.stored++
    if (entry.keep) await this.#parts.store.setKeep(key, true)
  }
}

function nameOf(wish: Wish): string {
  if (wish.kind === 'title') return titleId(wish.title)
  if (wish.kind === 'season') return `${wish.imdbId}:${wish.season}`
  return wish.magnet.name ?? wish.magnet.infoHash
}
