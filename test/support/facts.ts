import { tmpdir } from 'node:os'
import { ask } from './server/request.ts'
import { streamsOf } from './titles.ts'
import { eventually } from './wait.ts'

const ROOT = new URL('../../', import.meta.url).pathname

/** The fields of GET /api/cache-stats that tests look at. */
export interface CacheStats {
  readonly status: string
  readonly node: string
  readonly backend: { readonly name: string; readonly connected: boolean }
  readonly files: { readonly count: number; readonly max: number }
  readonly disk: {
    readonly usedBytes: number
    readonly segmentBytes: number
    readonly maxBytes: number
    readonly configuredBytes: number
    readonly reservedBytes: number
    readonly freeOnVolumeBytes: number
  }
  readonly arrivals: { readonly running: number; readonly waiting: number; readonly max: number }
  readonly plays: {
    readonly total: number
    readonly hits: number
    readonly misses: number
    readonly active: number
    readonly conversions: { readonly running: number; readonly reread: number } | null
  }
  readonly lastSweep: { readonly at: string } | null
  readonly evictions: { readonly ttl: number; readonly count: number; readonly disk: number }
}

export async function cacheStats(base: string): Promise<CacheStats> {
  const answer = await ask(`${base}/api/cache-stats`)
  if (answer.status !== 200) throw new Error(`cache-stats: ${answer.status} ${answer.body}`)
  return answer.json() as CacheStats
}

/** Waits until no download runs: what was played to its end is then published. */
export async function settled(base: string): Promise<CacheStats> {
  let last: CacheStats | undefined
  return eventually(
    'no arrival and no play running',
    async () => {
      last = await cacheStats(base)
      return last.arrivals.running === 0 && last.plays.active === 0 ? last : undefined
    },
    undefined,
    () => JSON.stringify(last),
  )
}

/** The code of an error answer, after a check that it has the one shape all errors have. */
export function errorCode(body: Buffer): string {
  const parsed = JSON.parse(body.toString()) as { error?: Record<string, unknown> }
  const { code, message, requestId } = parsed.error ?? {}
  if (typeof code !== 'string' || typeof message !== 'string' || typeof requestId !== 'string') {
    throw new Error(`not an error body: ${body}`)
  }
  return code
}

/** What would show a reader of an answer how this server is built: stack lines, places on its disk. */
export function leaks(text: string): string[] {
  const traces = [/\n\s+at .+:\d+:\d+/, /node_modules/, /\.ts:\d+/, /file:\/\//]
  const places = [ROOT, `${tmpdir()}/`]
  return [
    ...traces.filter((trace) => trace.test(text)).map(String),
    ...places.filter((place) => text.includes(place)),
  ]
}

/** Waits until the movie's first source is whole on disk (the list says so) and nobody plays. */
export async function published(base: string, movieId: string): Promise<CacheStats> {
  let said = ''
  return eventually(
    `${movieId} ready`,
    async () => {
      const list = await ask(`${base}${streamsOf(movieId)}`)
      said = (list.json() as { streams: { description?: string }[] }).streams[0]?.description ?? ''
      if (!/ready/i.test(said)) return undefined
      const stats = await cacheStats(base)
      return stats.plays.active === 0 ? stats : undefined
    },
    undefined,
    () => said,
  )
}
