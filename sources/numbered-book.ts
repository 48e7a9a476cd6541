import type { CacheIndex } from '../cache/cache-index.ts'
import type { Clock } from '../common/clock.ts'
import { Fault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { titleId } from '../common/title.ts'
import type { Book, TitleBook } from './book.ts'
import type { BookEntry } from './book-note.ts'
import { createBookShelf } from './book-shelf.ts'
import { createFlights } from './flights.ts'
import { type Answer, createLookUp } from './look-up.ts'
import type { NumberedSource, SourceProvider } from './source.ts'

export interface BookDeps {
  /** In the order of a title's first numbers. */
  readonly providers: readonly SourceProvider[]
  readonly index: CacheIndex
  readonly clock: Clock
  readonly log: Log
  /** For each provider of one look-up. */
  readonly lookupTimeoutMs?: number
  /** How long a network provider's answer is used again. */
  readonly freshMs?: number
}

/** The append-only book of every title (docs/decisions/0002-numbered-book.md). */
export function createBook(deps: BookDeps): Book & { close(): void } {
  const { providers, clock, log, lookupTimeoutMs: timeoutMs = 8000, freshMs = 60_000 } = deps
  const lookUp = createLookUp({ providers, clock, log, timeoutMs, freshMs })
  const shelf = createBookShelf(deps.index, clock, log)
  const flights = createFlights<TitleBook>()

  const list: Book['list'] = (title, signal) =>
    flights.join(titleId(title), signal, async (shared) => {
      const answers = await lookUp.all(title, shared)
      const failed = failedIn(answers)
      const entries = await shelf.update(titleId(title), answers)
      if (entries.length === 0 && failed.length > 0 && failed.length === providers.length) {
        throw new Fault('PROVIDERS_FAILED')
      }
      return bookOf(entries, failed)
    })

  const recall: Book['recall'] = (title) =>
    flights
      .join(`recall ${titleId(title)}`, new AbortController().signal, async (shared) => {
        const entries = await shelf.read(titleId(title), () => lookUp.owned(title, shared))
        return bookOf(entries ?? [], [])
      })
      .then((book) => (book.sources.length > 0 ? book : undefined))

  return {
    list,
    recall,
    async resolve(title, number, key, signal) {
      const remembered = await recall(title)
      signal.throwIfAborted()
      const known = remembered && pick(remembered, number, key)
      if (known) return playable(known)
      const fresh = await list(title, signal)
      const found = pick(fresh, number, key)
      if (found) return playable(found)
      // A provider that is down may be the one that knows it: that is no 404.
      if (providers.length > 0 && fresh.failed.length === providers.length) {
        throw new Fault('PROVIDERS_FAILED')
      }
      const available = fresh.sources.filter(({ listed, retired }) => listed && !retired).length
      if (fresh.sources.length === 0) throw new Fault('UNKNOWN_TITLE', { available })
      throw new Fault(key === undefined ? 'UNKNOWN_SOURCE' : 'SOURCE_GONE', { available })
    },
    close: () => flights.close(),
  }
}

const failedIn = (answers: readonly Answer[]): string[] =>
  answers.filter(({ sources }) => sources === undefined).map(({ provider }) => provider.name)

function bookOf(entries: readonly BookEntry[], failed: readonly string[]): TitleBook {
  const sources = entries.map(({ source, key, listed, retired }, number) => {
    return { ...source, number, key, listed: listed && !retired, retired }
  })
  return { sources, failed }
}

/** The key wins: after a lost book the same number may mean another source. */
const pick = ({ sources }: TitleBook, number: number, key: string | undefined) => {
  const meant = sources[number]
  if (key === undefined || meant?.key === key) return meant
  return sources.find((source) => source.key === key)
}

/** @throws Fault SOURCE_GONE */
function playable(source: NumberedSource): NumberedSource {
  if (source.retired) throw new Fault('SOURCE_GONE')
  return source
}
