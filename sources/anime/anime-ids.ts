import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LRUCache } from 'lru-cache'
import { errorCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { FindTitleFacts } from '../matching/title-facts.ts'
import { createPoller, type Poller } from '../providers/shared/poller.ts'
import type { AnimeSite } from './anime-row.ts'
import { AnimeTable, parseTable } from './anime-table.ts'
import { parseAnimeId, titleOfAnime } from './anime-title.ts'

/** Titles by the ids of sites about anime. */
export interface AnimeIds {
  /** Those that ids are known of. */
  readonly sites: readonly AnimeSite[]
  /** Undefined: no such id, or the table does not tell. Never rejects. */
  titleOf(type: string, id: string): Promise<Title | undefined>
}

/** The table in the file ANIME_IDS, as it was last read. */
export interface AnimeIdsFile extends AnimeIds {
  /** Reads the file, then again whenever it changes. Never rejects: without it there are no such ids. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface AnimeIdsDeps {
  /** Absolute; undefined: there is no table. */
  readonly path: string | undefined
  readonly factsOf: FindTitleFacts
  readonly log: Log
  readonly pollMs?: number
}

const POLL_MS = 5000
const DEBOUNCE_MS = 250
/** A row takes 50 bytes; there are some 20,000. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024
/** Ids that the log has been told to be unknown. */
const MAX_TOLD = 1000
const TO_DO = 'npm run anime-ids (playlink anime-ids) brings a newer table'

export const createAnimeIds = (deps: AnimeIdsDeps): AnimeIdsFile => new PolledTable(deps)

class PolledTable implements AnimeIdsFile {
  readonly #deps: AnimeIdsDeps
  readonly #told = new LRUCache<string, true>({ max: MAX_TOLD })
  #table = new AnimeTable([])
  /** Differs when the file was changed. */
  #version = ''
  #poller: Poller | undefined
  #polling: Promise<void> = Promise.resolve()

  constructor(deps: AnimeIdsDeps) {
    this.#deps = deps
  }

  get sites(): readonly AnimeSite[] {
    return this.#table.sites
  }

  async titleOf(type: string, id: string): Promise<Title | undefined> {
    const asked = parseAnimeId(id)
    if (!asked) return undefined
    const { site, id: number, episode } = asked
    const row = this.#table.find(site, number)
    const title = row && (await titleOfAnime(row, type, episode, this.#deps.factsOf))
    if (!title) this.#tell(`${site}:${number}`, row !== undefined)
    return title
  }

  async start(): Promise<void> {
    const { path, pollMs = POLL_MS } = this.#deps
    if (path === undefined) return
    await this.#poll(path)
    this.#poller = createPoller({
      folder: dirname(path),
      pollMs: () => pollMs,
      debounceMs: DEBOUNCE_MS,
      poll: () => this.#poll(path),
    })
  }

  async close(): Promise<void> {
    this.#poller?.close()
    await this.#polling
  }

  /** Once an id: viewers ask again and again. */
  #tell(anime: string, isKnown: boolean): void {
    if (this.#told.has(anime)) return
    this.#told.set(anime, true)
    const { log, path } = this.#deps
    const text = isKnown
      ? 'the table of anime ids does not have this film or episode: its list is empty'
      : `the table of anime ids does not have this anime: its list is empty; ${TO_DO}`
    const none = 'an anime id was asked for, and there is no table: set ANIME_IDS'
    log.info({ anime }, path === undefined ? none : text)
  }

  /** While the file is gone or broken, the table stays as it was last read. Never rejects. */
  #poll(path: string): Promise<void> {
    this.#polling = this.#read(path).catch((error: unknown) => {
      const version = `broken: ${errorCode(error) ?? 'no table'}`
      if (version !== this.#version) {
        const why = errorCode(error) ?? 'it is no table that npm run anime-ids wrote'
        const text = `ANIME_IDS cannot be read, what was read before stays; ${TO_DO}`
        this.#deps.log.warn({ path, why }, text)
      }
      this.#version = version
    })
    return this.#polling
  }

  async #read(path: string): Promise<void> {
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs}:${size}:${ino}`
    if (version === this.#version) return
    if (size > MAX_TABLE_BYTES) throw new Error('larger than 16 MiB')
    this.#table = await parseTable(await readFile(path, 'utf8'))
    this.#version = version
    this.#told.clear()
    const { sites } = this
    const counts = sites.map((site) => [site, this.#table.size(site)] as const)
    this.#deps.log.info(Object.fromEntries(counts), 'table of anime ids read')
  }
}
