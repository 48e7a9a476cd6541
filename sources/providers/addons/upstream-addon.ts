import { LRUCache } from 'lru-cache'
import { textBytes } from '../../../cache/index/value-size.ts'
import type { Clock } from '../../../common/clock.ts'
import { Fault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import type { Owners } from '../../../common/permits/owners.ts'
import { partQueue } from '../../../common/permits/part-queue.ts'
import { SingleFlight } from '../../../common/single-flight.ts'
import { type Title, titleId } from '../../../common/title.ts'
import { boundedSources } from '../../lists/bounded-source.ts'
import type { NameParser } from '../../names/name-parser.ts'
import type { Source, SourceProvider } from '../../source.ts'
import { withTimeout } from '../../with-timeout.ts'
import type { TitleNames } from '../shared/cinemeta.ts'
import { absentIs404, askForeign, freshnessOf, jsonOf } from '../shared/foreign-answer.ts'
import { type AddonManifest, offersStreams, readStream, type StreamSource } from './addon-format.ts'
import { askManifest } from './addon-manifest.ts'
import { judgedStreams } from './judged-streams.ts'

export interface UpstreamAddonDeps {
  readonly name: string
  /** The address of its manifest, `/manifest.json` at the end; its path may hold a secret. */
  readonly manifestUrl: string
  readonly outbound: Outbound
  /** What its streams are held against; without them only kind, season and episode count. */
  readonly names: Pick<TitleNames, 'find'>
  readonly parser: NameParser
  readonly clock: Clock
  readonly log?: Log
  /** Sent with every request: see common/network/loop-header.ts. */
  readonly loopHeaders: Readonly<Record<string, string>>
  /** Our own public address: streams with it would lead back to us. */
  readonly publicUrl: string | undefined
}

const MANIFEST_TTL_MS = 3_600_000
/** However long an answer says that it is fresh. */
const MAX_ANSWER_TTL_MS = 21_600_000
/** Of all answers, as texts: their objects would take two to three times as much. */
const MAX_CACHED_BYTES = 8 * 2 ** 20
const ANSWER_BYTES = 200
/** How long its answer may wait for the title's name: a list waits four seconds. */
const NAMES_MS = 1500
const MAX_STREAMS = 500
/** Read in one turn of the loop: about a millisecond, with twenty trackers each. */
const STREAMS_AT_ONCE = 20

interface Cached<T> {
  /** Steady-clock milliseconds. */
  readonly until: number
  readonly value: T
}

const isEmpty = (told: unknown): boolean =>
  typeof told === 'object' && told !== null && Object.keys(told).length === 0

/** Another addon of Stremio's protocol (stremio-addon-sdk, docs/protocol.md). */
export const createUpstreamAddon = (deps: UpstreamAddonDeps): SourceProvider =>
  new UpstreamAddon(deps)

class UpstreamAddon implements SourceProvider {
  readonly name: string
  readonly authority = 'network'
  readonly relays = true
  readonly host: string
  readonly #deps: UpstreamAddonDeps
  /** Its address without `/manifest.json`; and its query, which may hold a key. */
  readonly #base: string
  readonly #query: string
  #manifest: Cached<AddonManifest> | undefined
  readonly #reading = new SingleFlight<AddonManifest>({ whenAbandoned: 'abort' })
  /** Only those that say how long they are fresh; for the others the look-up's cache has to do. */
  readonly #answers = new LRUCache<string, Cached<string>>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ value }) => textBytes(value) + ANSWER_BYTES,
  })

  constructor(deps: UpstreamAddonDeps) {
    const { host, origin, pathname, search } = new URL(deps.manifestUrl)
    this.host = host
    this.name = deps.name
    this.#deps = deps
    this.#base = `${origin}${pathname.replace(/\/manifest\.json$/, '')}`
    this.#query = search
  }

  async find(title: Title, signal: AbortSignal, owners?: Owners): Promise<readonly Source[]> {
    if (this.#isOurs(this.#base)) return []
    const manifest = await this.#reading.join('manifest', signal, (shared) =>
      this.#readManifest(shared),
    )
    if (!offersStreams(manifest, title)) return []
    const name = `${title.type} ${titleId(title)}`
    const { clock } = this.#deps
    const cached = this.#answers.get(name)
    if (cached && clock.steady() < cached.until) return JSON.parse(cached.value) as Source[]
    const { value, freshMs } = await this.#ask(title, signal, owners)
    if (freshMs === 0) return value
    const { sources, json } = boundedSources(value)
    this.#answers.set(name, { until: clock.steady() + freshMs, value: json })
    return sources
  }

  async #readManifest(signal: AbortSignal): Promise<AddonManifest> {
    const { outbound, clock, loopHeaders } = this.#deps
    if (this.#manifest && clock.steady() < this.#manifest.until) return this.#manifest.value
    const url = `${this.#base}/manifest.json${this.#query}`
    const value = await askManifest(outbound, url, signal, loopHeaders)
    this.#manifest = { until: clock.steady() + MANIFEST_TTL_MS, value }
    return value
  }

  async #ask(title: Title, signal: AbortSignal, owners?: Owners) {
    const { outbound, loopHeaders, names, parser, log } = this.#deps
    const known = withTimeout(NAMES_MS, signal, (inner) => names.find(title, inner)).catch(
      () => undefined,
    )
    const id = encodeURIComponent(titleId(title))
    const url = `${this.#base}/stream/${title.type}/${id}.json${this.#query}`
    const answer = await askForeign(outbound, url, signal, loopHeaders).catch(absentIs404)
    // Of what they lack some addons say 404, others `null` or nothing at all: `{}`, in PHP `[]`.
    if (!answer || answer.body.length === 0) return { value: [], freshMs: 0 }
    const told = (await jsonOf(answer)) ?? {}
    const { streams } = told as { streams?: unknown }
    if (streams === null || isEmpty(told)) return { value: [], freshMs: 0 }
    if (!Array.isArray(streams)) {
      throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no list of streams') })
    }
    const mayRedirect = (to: string): boolean => outbound.mayRedirect(to) && !this.#isOurs(to)
    const found: StreamSource[] = []
    for (const [at, stream] of streams.slice(0, MAX_STREAMS).entries()) {
      if (at % STREAMS_AT_ONCE === 0) await partQueue.next(owners)
      const read = readStream(stream, this.name, mayRedirect)
      if (read) found.push(read)
    }
    const question = { provider: this.name, title, facts: await known, log }
    const value = await judgedStreams(parser, found, question, owners)
    return { value, freshMs: Math.min(freshnessOf(answer) ?? 0, MAX_ANSWER_TTL_MS) }
  }

  #isOurs(url: string): boolean {
    const { publicUrl } = this.#deps
    return publicUrl !== undefined && (url === publicUrl || url.startsWith(`${publicUrl}/`))
  }
}
