import { LRUCache } from 'lru-cache'
import type { Clock } from '../common/clock.ts'
import type { Log } from '../common/log.ts'
import { type Title, titleId } from '../common/title.ts'
import type { Source, SourceProvider } from './source.ts'

/** What one provider said; no sources = it failed. */
export interface Answer {
  readonly provider: SourceProvider
  readonly sources: readonly Source[] | undefined
}

export interface LookUp {
  /** Asks every provider at once, each within the time-out; answers in their order. Never rejects. */
  all(title: Title, signal: AbortSignal): Promise<readonly Answer[]>
  /** The owned ones only: they answer from memory. */
  owned(title: Title, signal: AbortSignal): Promise<readonly Answer[]>
}

export interface LookUpDeps {
  readonly providers: readonly SourceProvider[]
  readonly clock: Clock
  readonly log: Log
  readonly timeoutMs: number
  /** How long a network provider's answer is used again. */
  readonly freshMs: number
}

const REMEMBERED_TITLES = 1000
/** Of one provider: a book has 500 numbers. */
const MAX_SOURCES = 500
const OWNED_TIMEOUT_MS = 1000

export function createLookUp({ providers, clock, log, timeoutMs, freshMs }: LookUpDeps): LookUp {
  const recent = new LRUCache<string, { at: number; sources: readonly Source[] }>({
    max: REMEMBERED_TITLES,
  })

  async function ask(provider: SourceProvider, title: Title, ms: number, signal: AbortSignal) {
    const name = `${provider.name} ${titleId(title)}`
    const known = recent.get(name)
    if (known && clock.steady() - known.at < freshMs) return { provider, sources: known.sources }
    try {
      const found = await withTimeout(ms, signal, (inner) => provider.find(title, inner))
      const sources = found.slice(0, MAX_SOURCES)
      if (provider.authority === 'network') recent.set(name, { at: clock.steady(), sources })
      return { provider, sources }
    } catch (error) {
      if (!signal.aborted) log.warn({ provider: provider.name, err: error }, 'provider failed')
      return { provider, sources: undefined }
    }
  }

  const owned = providers.filter(({ authority }) => authority === 'owned')
  return {
    all: (title, signal) => Promise.all(providers.map((p) => ask(p, title, timeoutMs, signal))),
    owned: (title, signal) =>
      Promise.all(owned.map((p) => ask(p, title, Math.min(timeoutMs, OWNED_TIMEOUT_MS), signal))),
  }
}

/** Does not wait for work that ignores its signal. */
async function withTimeout<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController()
  let end: (reason: Error) => void = () => undefined
  const ended = new Promise<never>((_, reject) => {
    end = (reason) => {
      inner.abort(reason)
      reject(reason)
    }
  })
  const timer = setTimeout(() => end(new Error(`no answer within ${ms} ms`)), ms)
  const onAbort = (): void => end(new Error('the look-up was given up'))
  outer.addEventListener('abort', onAbort, { once: true })
  if (outer.aborted) onAbort()
  try {
    return await Promise.race([ended, work(inner.signal)])
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', onAbort)
  }
}
