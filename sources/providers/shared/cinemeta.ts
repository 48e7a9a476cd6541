import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CacheIndex } from '../../../cache/index/cache-index.ts'
import { cleanText } from '../../../common/clean-text.ts'
import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Title } from '../../../common/title.ts'
import { createFlights } from '../../flights.ts'
import type { TitleFacts } from '../../matching/title-names.ts'
import { askForeign, jsonOf } from './foreign-answer.ts'

/** Names and years of titles, for providers that search by name. */
export interface TitleNames {
  /**
   * Undefined when nobody knows the title.
   * @throws Fault UPSTREAM_FAILED, OUTBOUND_REFUSED
   */
  find(title: Title, signal: AbortSignal): Promise<TitleFacts | undefined>
  close(): void
}

const DAY_MS = 86_400_000
/** A film keeps its name; a year is set right now and then. */
const KEPT_MS = 30 * DAY_MS
const UNKNOWN_MS = 600_000
/** While it does not answer, those who search by name do without at once. */
const REST_MS = 30_000
const REMEMBERED = 5000

const shape = z.object({
  name: z.string().min(1).max(500),
  releaseInfo: z.union([z.string(), z.number()]).nullish(),
  year: z.union([z.string(), z.number()]).nullish(),
})
const noteShape = z.object({ name: z.string().min(1).max(300), year: z.int().nullable() })

/**
 * Asks `{base}/meta/{type}/{imdbId}.json` as Cinemeta answers it; what it said is kept for a month in
 * the index, for all nodes and starts.
 */
export function createTitleNames(deps: {
  /** Undefined: nobody is asked. */
  readonly base: string | undefined
  readonly outbound: Outbound
  readonly index: Pick<CacheIndex, 'readValue' | 'writeValue'>
  readonly clock: Clock
  /** What is known without asking: the operator's own catalogue. */
  readonly own?: (title: Title) => TitleFacts | undefined
}): TitleNames {
  const { base, outbound, index, clock, own = () => undefined } = deps
  const known = new LRUCache<string, { until: number; facts: TitleFacts | undefined }>({
    max: REMEMBERED,
  })
  const flights = createFlights<TitleFacts | undefined>()
  let restUntil = Number.NEGATIVE_INFINITY

  async function noted(name: string) {
    // An index that cannot be reached costs a request, nothing else.
    const note = await index.readValue<unknown>(name).catch(() => undefined)
    const parsed = noteShape.safeParse(note?.value)
    const facts = parsed.data && { name: parsed.data.name, year: parsed.data.year ?? undefined }
    return { facts, revision: note?.revision ?? 0 }
  }

  async function asked({ type, imdbId }: Title, signal: AbortSignal) {
    if (clock.steady() < restUntil) throw new Fault('UPSTREAM_FAILED')
    const url = `${base}/meta/${type}/${imdbId}.json`
    const answer = await askForeign(outbound, url, signal)
      .catch(absentIs404)
      .catch((error: unknown) => {
        restUntil = clock.steady() + REST_MS
        throw error
      })
    const meta = answer && shape.safeParse((jsonOf(answer) as { meta?: unknown } | null)?.meta)
    if (!meta?.data) return undefined
    const year = /(?<!\d)(?:18|19|20)\d\d(?!\d)/.exec(
      `${meta.data.year ?? ''} ${meta.data.releaseInfo ?? ''}`,
    )
    return { name: cleanText(meta.data.name, 300), year: year ? Number(year[0]) : undefined }
  }

  async function find(title: Title, signal: AbortSignal) {
    const name = `names:${title.type}:${title.imdbId}`
    const note = await noted(name)
    const facts = note.facts ?? (await asked(title, signal))
    known.set(name, { until: clock.steady() + (facts ? KEPT_MS : UNKNOWN_MS), facts })
    if (facts && !note.facts) {
      const value = { name: facts.name, year: facts.year ?? null }
      await index.writeValue(name, value, note.revision, KEPT_MS).catch(() => false)
    }
    return facts
  }

  return {
    async find(title, signal) {
      const ours = own(title)
      if (ours || base === undefined) return ours
      const name = `names:${title.type}:${title.imdbId}`
      const remembered = known.get(name)
      if (remembered && clock.steady() < remembered.until) return remembered.facts
      return flights.join(name, signal, (shared) => find(title, shared))
    },
    close: () => flights.close(),
  }
}

/** Unknown titles are 404 to some metadata servers, and `{}` to others. */
function absentIs404(error: unknown): undefined {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message === 'status 404') return undefined
  throw error
}
