import type { Availability } from '../../common/availability.ts'
import type { Clock } from '../../common/clock.ts'
import { asFault, Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { SourceList, SourceLists } from '../../sources/lists/source-lists.ts'
import { inListOrder, type Listed } from '../../sources/matching/ranking.ts'
import type { NumberedSource } from '../../sources/source.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { BytesPlayable, Playable } from '../files/playable.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import { type Asker, createViewer, type Viewer } from '../jobs/viewer.ts'
import type { MeasuredPlays } from '../trace/measured-plays.ts'
import type { AutoChoices } from './auto-choices.ts'
import { firstToPlay } from './hedged.ts'

/**
 * "Auto": finds the source to play by trying. The best one in a list's order is asked for its first
 * byte. When it has none after a while, the next one is tried beside it, and the first with a byte
 * wins. The winner is remembered for a day and comes first, so that a film does not change while it
 * is being watched (docs/decisions/0014-auto.md).
 */
export interface Auto {
  /** @throws Fault UNKNOWN_TITLE; when none plays, what the first choice failed with */
  choose(request: AutoRequest): Promise<NumberedSource>
  /** The answer to HEAD: what choose() would begin with; starts nothing. @throws Fault UNKNOWN_TITLE */
  guess(request: AutoRequest): Promise<NumberedSource>
}

export interface AutoRequest {
  readonly title: Title
  /** Undefined: nothing is counted. */
  readonly asker?: Asker | undefined
  readonly signal: AbortSignal
  /** A viewer's own choice and order of the list; `name` tells it from others. */
  readonly preferences?: {
    readonly name: string
    order<T extends Listed>(listed: readonly T[]): readonly T[]
  }
}

export interface AutoParts {
  readonly sourceLists: Pick<SourceLists, 'list' | 'recall'>
  /** The steps of a play. */
  readonly open: (request: PlayRequest, viewer: Viewer) => Promise<Playable>
  readonly availabilityOf: (title: Title, source: NumberedSource) => Availability
  readonly choices: AutoChoices
  readonly measured: Pick<MeasuredPlays, 'started'>
  /** From the request to the first byte. */
  readonly timeoutMs: number
  /** How long providers may take when HEAD finds no source list, in milliseconds. */
  readonly providerWaitMs: number
  /** How long a source may keep its viewer waiting before the next one is tried beside it. */
  readonly hedgeDelayMs: number
  /** Fires with Fault DRAINING when nothing new may begin. */
  readonly draining: AbortSignal
  readonly clock: Clock
  readonly log: Log
}

/** A source, and whether it is the one remembered as the winner. */
interface Candidate {
  readonly source: NumberedSource
  readonly remembered: boolean
}

/** Downloads that one viewer may start. */
const MAX_ATTEMPTS = 4
const FIRST_READ_BYTES = 4096

export const createAuto = (parts: AutoParts): Auto => new HedgedAuto(parts)

class HedgedAuto implements Auto {
  readonly #parts: AutoParts

  constructor(parts: AutoParts) {
    this.#parts = parts
  }

  async choose(request: AutoRequest): Promise<NumberedSource> {
    const { draining, timeoutMs, clock } = this.#parts
    draining.throwIfAborted()
    const viewer = createViewer(request.signal, timeoutMs, clock)
    try {
      return await this.#choose(request, viewer)
    } catch (error) {
      if (request.signal.aborted) throw request.signal.reason
      // At the deadline the attempts end with the reason of an AbortSignal, which explains nothing.
      throw viewer.signal.aborted && !(error instanceof Fault)
        ? asFault(error, 'NO_FIRST_BYTE')
        : error
    } finally {
      viewer.end()
    }
  }

  async guess(request: AutoRequest): Promise<NumberedSource> {
    const { sourceLists, providerWaitMs } = this.#parts
    const { title, signal } = request
    const recalled = await sourceLists.recall(title)
    if (!hasListed(recalled)) await request.asker?.askProviders()
    const soon = AbortSignal.any([signal, AbortSignal.timeout(providerWaitMs)])
    const found = hasListed(recalled)
      ? recalled
      : await sourceLists.list(title, soon).catch(() => undefined)
    const [first] = await this.#candidates(request, found)
    if (!first) throw new Fault('UNKNOWN_TITLE', { available: 0 })
    return first.source
  }

  async #choose(request: AutoRequest, viewer: Viewer): Promise<NumberedSource> {
    const { sourceLists, choices, hedgeDelayMs } = this.#parts
    const { title, preferences, asker } = request
    const recalled = await sourceLists.recall(title)
    if (!hasListed(recalled)) await asker?.askProviders()
    const found = hasListed(recalled)
      ? recalled
      : await viewer.wait(sourceLists.list(title, viewer.signal), () => 'PROVIDERS_FAILED')
    const candidates = (await this.#candidates(request, found)).slice(0, MAX_ATTEMPTS)
    const [first] = candidates
    // Who was not asked, for our own limits, may know it.
    if (!first && found?.deferred) throw new Fault('PROVIDERS_FAILED')
    if (!first) throw new Fault('UNKNOWN_TITLE', { available: 0 })
    if (first.remembered && this.#isHere(title, first.source)) return first.source
    const attempts = candidates.map(
      ({ source }) =>
        (signal: AbortSignal) =>
          this.#attempt({ ...request, signal }, source),
    )
    const winner = await firstToPlay(attempts, { hedgeDelayMs, signal: viewer.signal })
    const source = candidates[winner]?.source ?? first.source
    await choices.keep(title, preferences?.name, source.key)
    return source
  }

  /** Resolves when the source has a first byte; what was taken for that is given back either way. */
  async #attempt({ title, asker, signal }: AutoRequest, source: NumberedSource): Promise<void> {
    const { open, measured, timeoutMs, clock, log } = this.#parts
    const { number, key: sourceKey } = source
    const startedAt = clock.steady()
    const viewer = createViewer(signal, timeoutMs, clock, asker)
    try {
      const playable = await open({ title, number, sourceKey, asker, signal }, viewer)
      if (playable.kind === 'redirect') return
      await readFirstByte(playable, signal)
      // The play that follows finds it running.
      measured.started(title, playable, startedAt)
    } catch (error) {
      log.debug({ number, code: asFault(error).code }, 'auto: not this one')
      throw error
    } finally {
      viewer.end()
    }
  }

  /** The remembered source first; a torrent that is listed twice is tried once. */
  async #candidates(
    { title, preferences }: AutoRequest,
    found: SourceList | undefined,
  ): Promise<readonly Candidate[]> {
    const { choices, availabilityOf } = this.#parts
    const listed = (found?.sources ?? [])
      .filter((source) => source.listed && !source.retired)
      .map((source) => ({ source, state: availabilityOf(title, source) }))
    const key = await choices.recall(title, preferences?.name)
    const ordered = inListOrder(listed)
    const keys = new Set<string>()
    return (preferences ? preferences.order(ordered) : ordered)
      .map(({ source }) => ({ source, remembered: source.key === key }))
      .toSorted((a, b) => Number(b.remembered) - Number(a.remembered))
      .filter(({ source }) => !keys.has(source.key) && keys.add(source.key))
  }

  /** In the cache. A file of the operator's own is always tried, because it may have been removed. */
  #isHere(title: Title, source: NumberedSource): boolean {
    if (source.locator.kind === 'path') return false
    const now = this.#parts.availabilityOf(title, source)
    return now.kind === 'ready' || (now.kind === 'downloading' && now.percent > 0)
  }
}

const hasListed = (sourceList: SourceList | undefined): boolean =>
  sourceList?.sources.some(({ listed, retired }) => listed && !retired) ?? false

async function readFirstByte(found: BytesPlayable, signal: AbortSignal): Promise<void> {
  const playable = watchPlayable(found, signal)
  try {
    signal.throwIfAborted()
    const end = Math.min(playable.size, FIRST_READ_BYTES) - 1
    const reader = playable.read({ start: 0, end })
    // An empty file of the operator's own plays nothing.
    if ((await reader.read(Buffer.alloc(FIRST_READ_BYTES))) === 0) throw new Fault('FILE_MISSING')
  } finally {
    playable.release()
  }
}
