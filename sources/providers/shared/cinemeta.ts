import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { type CachedEntry, cachedEntry } from '../../../cache/index/cached-entry.ts'
import { cleanText } from '../../../common/clean-text.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import type { Title } from '../../../common/title.ts'
import type { TitleFacts } from '../../matching/title-names.ts'
import { askForeign, jsonOf } from './foreign-answer.ts'
import { NotAsked } from './not-asked.ts'
import type { Provider, Questions } from './questions.ts'

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

const answerShape = z.object({
  name: z.string().min(1).max(500),
  releaseInfo: z.union([z.string(), z.number()]).nullish(),
  year: z.union([z.string(), z.number()]).nullish(),
})
/** A name of 300 characters, of two UTF-16 units at most. */
const storedShape = z.object({ name: z.string().min(1).max(600), year: z.int().nullable() })
type StoredFacts = z.infer<typeof storedShape>

export interface TitleNamesDeps {
  /** Undefined: nobody is asked. */
  readonly base: string | undefined
  readonly outbound: Outbound
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  readonly questions: Questions
  /** What the operator's own catalogue says; it is believed without asking. */
  readonly own?: (title: Title) => TitleFacts | undefined
}

/**
 * Asks `{base}/meta/{type}/{imdbId}.json` as Cinemeta answers it. What it said stays in the index
 * for a month: a restart does not ask again, and other nodes need not ask at all.
 */
export const createTitleNames = (deps: TitleNamesDeps): TitleNames => new CinemetaNames(deps)

class CinemetaNames implements TitleNames {
  readonly #deps: TitleNamesDeps
  readonly #known: CachedEntry<Title, StoredFacts>
  readonly #lookUps = new SingleFlight<TitleFacts | undefined>({ whenAbandoned: 'finish' })
  #pausedUntil = Number.NEGATIVE_INFINITY

  constructor(deps: TitleNamesDeps) {
    this.#deps = deps
    this.#known = cachedEntry({
      index: deps.index,
      key: nameOf,
      shape: storedShape,
      ttlMs: FACTS_TTL_MS,
      max: MAX_IN_MEMORY,
      memory: { ttlMs: FACTS_TTL_MS, clock: deps.clock },
    })
  }

  async find(title: Title, signal: AbortSignal): Promise<TitleFacts | undefined> {
    const { base, own } = this.#deps
    const ours = own?.(title)
    if (ours || base === undefined) return ours
    const known = this.#known.peek(title)
    if (known !== undefined) return factsOf(known)
    return this.#lookUps.join(nameOf(title), signal, (shared) => this.#lookUp(title, shared))
  }

  close(): void {
    this.#lookUps.close()
  }

  async #lookUp(title: Title, signal: AbortSignal): Promise<TitleFacts | undefined> {
    // An index that cannot be reached costs a request to the metadata server, nothing else.
    const { value, revision } = await this.#known
      .load(title)
      .catch(() => ({ value: undefined, revision: 0 }))
    if (value) return factsOf(value)
    const asked = await this.#ask(title, signal)
    if (!asked) {
      this.#known.remember(title, null, UNKNOWN_TTL_MS)
      return undefined
    }
    this.#known.remember(title, asked)
    await this.#known.save(title, asked, revision).catch(() => false)
    return factsOf(asked)
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
    const body = answer && ((await jsonOf(answer)) as { meta?: unknown } | null)
    const { data } = answerShape.safeParse(body?.meta)
    if (!data) return undefined
    const year = YEAR.exec(`${data.year ?? ''} ${data.releaseInfo ?? ''}`)
    return { name: cleanText(data.name, 300), year: year ? Number(year[0]) : null }
  }
}

const YEAR = /(?<!\d)(?:18|19|20)\d\d(?!\d)/

const nameOf = ({ type, imdbId }: Title): string => `names:${type}:${imdbId}`

const factsOf = (stored: StoredFacts | null): TitleFacts | undefined =>
  stored ? { name: stored.name, year: stored.year ?? undefined } : undefined

/** Unknown titles are 404 to some metadata servers, and `{}` to others. */
function absentIs404(error: unknown): undefined {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message === 'status 404') return undefined
  throw error
}
