import type { Clock } from '../../common/clock.ts'
import { asFault, Fault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { Title } from '../../common/title.ts'
import type { SourceList, SourceLists } from '../../sources/lists/source-lists.ts'
import { inViewersOrder, type Listed } from '../../sources/matching/viewers-order.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import type { PlayRequest } from '../files/play-request.ts'
import type { CacheState, Playable } from '../files/playable.ts'
import { watchPlayable } from '../files/watched-playable.ts'
import { createViewer, type Viewer } from '../jobs/viewer.ts'
import type { AutoChoices } from './auto-choices.ts'
import { firstToPlay } from './hedged.ts'

export interface AutoParts {
  readonly sourceLists: Pick<SourceLists, 'list' | 'recall'>
  readonly steps: (request: PlayRequest, viewer: Viewer) => Promise<Playable>
  readonly state: (title: Title, source: Source) => CacheState
  readonly choices: AutoChoices
  readonly timeoutMs: number
  /** For providers, when HEAD finds no source list; milliseconds. */
  readonly providerWaitMs: number
  /** How long a source may keep its viewer waiting before the next is tried beside it. */
  readonly hedgeDelayMs: number
  readonly clock: Clock
  readonly log: Log
}

export interface AutoRequest {
  readonly title: Title
  readonly signal: AbortSignal
  /** A viewer's own choice and order of the list; `name` tells it from others. */
  readonly wishes?: {
    readonly name: string
    order<T extends Listed<CacheState>>(listed: readonly T[]): readonly T[]
  }
}

/** Downloads that one viewer starts at most. */
const MAX_TRIES = 4

/**
 * "Auto": the source to play, found by trying. The best in a list's order is asked for its first
 * byte; whoever has none after a while gets the next one beside it, and the first to answer wins.
 * What won is kept for a day and comes first, so that a film does not change under its viewer.
 */
export function createAuto(parts: AutoParts) {
  const { sourceLists, choices, state, clock } = parts

  /** @throws Fault UNKNOWN_TITLE; what the first choice failed with when none plays */
  async function choose(request: AutoRequest): Promise<NumberedSource> {
    const { title, signal } = request
    const viewer = createViewer(signal, parts.timeoutMs, clock)
    try {
      const rememberedList = await sourceLists.recall(title)
      const found = hasListed(rememberedList)
        ? rememberedList
        : await viewer.wait(sourceLists.list(title, viewer.signal), () => 'PROVIDERS_FAILED')
      const [first, ...others] = await inOrder(request, found)
      if (!first) throw new Fault('UNKNOWN_TITLE', { available: 0 })
      if (first.chosen && isHere(title, first.source)) return first.source
      const tries = [first, ...others].slice(0, MAX_TRIES)
      const chosen = await firstToPlay(
        tries.map(
          ({ source }) =>
            (end) =>
              attempt(title, source, end),
        ),
        { hedgeDelayMs: parts.hedgeDelayMs, signal: viewer.signal },
      )
      const source = tries[chosen]?.source ?? first.source
      await choices.keep(title, request.wishes?.name, source.key)
      return source
    } catch (error) {
      if (signal.aborted) throw signal.reason
      // The deadline ends the tries with its own reason, which tells nobody anything.
      throw viewer.signal.aborted && !(error instanceof Fault)
        ? asFault(error, 'NO_FIRST_BYTE')
        : error
    } finally {
      viewer.end()
    }
  }

  /** Its first byte, or not; what was held for it goes back either way. */
  async function attempt(title: Title, source: NumberedSource, end: AbortSignal): Promise<void> {
    const viewer = createViewer(end, parts.timeoutMs, clock)
    const { number, key } = source
    try {
      const playable = await parts.steps({ title, number, key, signal: end }, viewer)
      if (playable.kind === 'bytes') await firstByte(playable, end)
    } catch (error) {
      parts.log.debug({ number, code: asFault(error).code }, 'auto: not this one')
      throw error
    } finally {
      viewer.end()
    }
  }

  /** HEAD: what is remembered, else the best; nothing is started. @throws Fault UNKNOWN_TITLE */
  async function guess(request: AutoRequest): Promise<NumberedSource> {
    const { title, signal } = request
    const rememberedList = await sourceLists.recall(title)
    const soon = AbortSignal.any([signal, AbortSignal.timeout(parts.providerWaitMs)])
    const found = hasListed(rememberedList)
      ? rememberedList
      : await sourceLists.list(title, soon).catch(nothing)
    const [first] = await inOrder(request, found)
    if (!first) throw new Fault('UNKNOWN_TITLE', { available: 0 })
    return first.source
  }

  /** The remembered one first; a torrent that is listed twice is tried once. */
  async function inOrder({ title, wishes }: AutoRequest, found: SourceList | undefined) {
    const listed = (found?.sources ?? [])
      // A redirect cannot carry the headers that some links need.
      .filter((source) => source.listed && !source.retired && !source.proxyHeaders)
      .map((source) => ({ source, state: state(title, source) }))
    const key = await choices.recall(title, wishes?.name)
    const ordered = inViewersOrder(listed)
    const keys = new Set<string>()
    return (wishes ? wishes.order(ordered) : ordered)
      .map(({ source }) => ({ source, chosen: source.key === key }))
      .toSorted((a, b) => Number(b.chosen) - Number(a.chosen))
      .filter(({ source }) => !keys.has(source.key) && keys.add(source.key))
  }

  /** In the cache. A file of the catalogue is tried each time: somebody may have taken it away. */
  function isHere(title: Title, source: NumberedSource): boolean {
    if (source.locator.kind === 'path') return false
    const now = state(title, source)
    return now.kind === 'ready' || (now.kind === 'downloading' && now.percent > 0)
  }

  return { choose, guess }
}

const hasListed = (sourceList: SourceList | undefined): boolean =>
  sourceList?.sources.some(({ listed, retired }) => listed && !retired) ?? false

const nothing = (): undefined => undefined

async function firstByte(found: Extract<Playable, { kind: 'bytes' }>, end: AbortSignal) {
  const playable = watchPlayable(found, end)
  try {
    end.throwIfAborted()
    const reader = playable.read({ start: 0, end: Math.min(playable.size, 4096) - 1 })
    // An empty file of the operator's own plays nothing.
    if ((await reader.read(Buffer.alloc(4096))) === 0) throw new Fault('FILE_MISSING')
  } finally {
    playable.release()
  }
}
