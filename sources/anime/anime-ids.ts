import { LRUCache } from 'lru-cache'
import { errorCode } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { FindTitleFacts } from '../matching/titles/title-facts.ts'
import { PolledFile } from '../polling/polled-file.ts'
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

/** Ids that the log has been told to be unknown. */
const MAX_TOLD = 1000
const TO_DO = 'npm run anime-ids (playlink anime-ids) brings a newer table'

export const createAnimeIds = (deps: AnimeIdsDeps): AnimeIdsFile => new PolledTable(deps)

class PolledTable implements AnimeIdsFile {
  readonly #deps: AnimeIdsDeps
  readonly #told = new LRUCache<string, true>({ max: MAX_TOLD })
  readonly #file: PolledFile | undefined
  #table = new AnimeTable([])

  constructor(deps: AnimeIdsDeps) {
    this.#deps = deps
    const { path, pollMs } = deps
    if (path === undefined) return
    this.#file = new PolledFile({
      ...{ path, pollMs },
      take: (text) => this.#take(text),
      failed: (error, before) => this.#failed(error, before),
    })
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
    await this.#file?.poll()
    this.#file?.watch()
  }

  async close(): Promise<void> {
    await this.#file?.close()
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

  async #take(text: string): Promise<void> {
    this.#table = await parseTable(text)
    this.#told.clear()
    const { sites } = this
    const counts = sites.map((site) => [site, this.#table.size(site)] as const)
    this.#deps.log.info(Object.fromEntries(counts), 'table of anime ids read')
  }

  /** While the file is gone or broken, the table stays as it was last read: each reason is said once. */
  #failed(error: unknown, before: unknown): void {
    const why = whyNot(error)
    if (before !== undefined && why === whyNot(before)) return
    const text = `ANIME_IDS cannot be read, what was read before stays; ${TO_DO}`
    this.#deps.log.warn({ path: this.#deps.path, why }, text)
  }
}

const whyNot = (error: unknown): string =>
  errorCode(error) ?? 'it is no table that npm run anime-ids wrote'
