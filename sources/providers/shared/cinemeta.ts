import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { type CachedEntry, cachedEntry } from '../../../cache/index/cached-entry.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import type { Title } from '../../../common/title.ts'
import { isPrivateId } from '../../free-films.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { absentIs404, askForeign, jsonOf } from './foreign-answer.ts'
import { NotAsked } from './not-asked.ts'
import type { Provider, Questions } from './questions.ts'
import {
  factsOf,
  isMissing,
  MOST_EPISODES,
  readTitleAnswer,
  type StoredFacts,
  storedFactsShape,
} from './title-answer.ts'

/** Names and years of titles, for providers that search by name. */
export interface TitleNames {
  /**
   * Undefined when nobody knows the title.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED, NotAsked
   */
  find(title: Title, signal: AbortSignal): Promise<TitleFacts | undefined>
  close(): void
}

const DAY_MS = 86_400_000
/** A film keeps its name; a year is corrected now and then. */
const FACTS_TTL_MS = 30 * DAY_MS
/** A title that nobody knows is asked for again after this long. */
const UNKNOWN_TTL_MS = 600_000
/** After a failure nobody is asked for this long: providers that search by name do without. */
const PAUSE_MS = 30_000
const MAX_IN_MEMORY = 5000
/** What metrics and log call the server of names. */
export const METADATA = 'metadata'

export interface TitleNamesDeps {
  /** Undefined: nobody is asked. */
  readonly base: string | undefined
  readonly outbound: Outbound
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  readonly questions: Questions
  /** What the operator's own catalogue and library say; it is believed without asking. */
  readonly own?: (title: Title) => Promise<TitleFacts | undefined>
}

/**
 * Asks `{base}/meta/{type}/{imdbId}.json` as Cinemeta answers it. What it said stays in the index
 * for a month: a restart does not ask again, and other nodes need not ask at all.
 */
export const createTitleNames = (deps: TitleNamesDeps): TitleNames => new CinemetaNames(deps)

class CinemetaNames implements TitleNames {
  readonly #deps: TitleNamesDeps
  readonly #known: CachedEntry<Title, StoredFacts>
  readonly #lookUps = new SingleFlight<StoredFacts | undefined>({ whenAbandoned: 'finish' })
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(deps: TitleNamesDeps) {
    this.#deps = deps
    this.#known = cachedEntry({
      index: deps.index,
      key: nameOf,
      shape: storedFactsShape,
      ttlMs: FACTS_TTL_MS,
      max: MAX_IN_MEMORY,
      memory: { ttlMs: FACTS_TTL_MS, clock: deps.clock },
    })
  }

  async find(title: Title, signal: AbortSignal): Promise<TitleFacts | undefined> {
    const { base, own } = this.#deps
    const ours = await own?.(title)
    if (ours || base === undefined || isPrivateId(title.imdbId)) return ours
    const known = this.#known.peek(title)
    if (known === null || (known && !this.#isOld(known, title))) return factsOf(known, title)
    const found = await this.#lookUps.join(nameOf(title), signal, (shared) =>
      this.#lookUp(title, shared),
    )
    return factsOf(found ?? null, title)
  }

  close(): void {
    this.#lookUps.close()
  }

  /** A new episode may have come, whose number and day are not known yet. */
  #isOld(known: StoredFacts, title: Title): boolean {
    return isMissing(known, title) && this.#deps.clock.wall() - known.at > DAY_MS
  }

  async #lookUp(title: Title, signal: AbortSignal): Promise<StoredFacts | undefined> {
    // An index that cannot be reached costs a request to the metadata server, nothing else.
    const { value, revision } = await this.#known
      .load(title)
      .catch(() => ({ value: undefined, revision: 0 }))
    if (value && !this.#isOld(value, title)) return value
    const asked = await this.#askAgain(value, title, signal)
    if (!asked) {
      this.#known.remember(title, null, UNKNOWN_TTL_MS)
      return undefined
    }
    this.#known.remember(title, asked)
    await this.#known.save(title, asked, revision).catch(() => false)
    return asked
  }

  /** What is old is better than nothing; and is asked for again tomorrow. */
  async #askAgain(old: StoredFacts | undefined, title: Title, signal: AbortSignal) {
    if (!old) return this.#ask(title, signal)
    const asked = await this.#ask(title, signal).catch(() => undefined)
    return asked ?? { ...old, at: this.#deps.clock.wall() }
  }

  /** @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED, NotAsked */
  #ask(title: Title, signal: AbortSignal): Promise<StoredFacts | undefined> {
    const { clock, questions } = this.#deps
    if (clock.steady() < this.#pausedUntil) throw new NotAsked('resting', 'it failed just now')
    // Never in one line with the questions that wait for the name, wherever its server is.
    const server: Provider = { name: METADATA, host: METADATA, requests: 1 }
    const owners = questions.askers.of(title)
    return questions.ask(server, owners, signal, (inner) => this.#question(title, inner))
  }

  async #question({ type, imdbId }: Title, signal: AbortSignal): Promise<StoredFacts | undefined> {
    const { base, outbound, clock } = this.#deps
    const url = `${base}/meta/${type}/${imdbId}.json`
    const answer = await askForeign(outbound, url, signal)
      .catch(absentIs404)
      .catch((error: unknown) => {
        this.#pausedUntil = clock.steady() + PAUSE_MS
        throw error
      })
    const body = answer && ((await jsonOf(answer, MOST_EPISODES)) as { meta?: unknown } | null)
    return readTitleAnswer(body?.meta, clock.wall())
  }
}

const nameOf = ({ type, imdbId }: Title): string => `names:${type}:${imdbId}`
