import type { Title } from '../../common/title.ts'
import type { FilmPart, NumberedSource, Source } from '../source.ts'

/** The numbered sources of one title, in number order. */
export interface SourceList {
  readonly sources: readonly NumberedSource[]
  /** Providers that did not answer in this look-up; none when the list was only recalled. */
  readonly failed: readonly string[]
  /** Nobody on the network answered in this look-up, also because our own limits held questions back. */
  readonly deferred?: boolean
}

export interface SourceLists {
  /**
   * Asks the providers, appends what is new, and writes the list to the index by compare-and-set.
   * Answers within `LIST_DEADLINE_MS` with what there is; what comes later is in the next list.
   * Names that are slow to read may add what one call to NameParser may take (1 s, 1 ms a name).
   * `relayed`: an addon asks, so that providers that ask addons are left out. `address`: whose turn
   * its questions take, where that is counted.
   * @throws Fault PROVIDERS_FAILED when all failed and nothing is remembered
   */
  list(title: Title, signal: AbortSignal, relayed?: boolean, address?: string): Promise<SourceList>
  /**
   * The remembered list; of the providers only the owned ones are asked, which answer from memory.
   */
  recall(title: Title): Promise<SourceList | undefined>
  /**
   * The source that a /play address means. The key wins over the number. When the remembered list
   * has no such source, the providers are asked once; `asker` is told before, and may refuse. Questions
   * that our own limits held back are no 404: PROVIDERS_FAILED.
   * @throws Fault UNKNOWN_TITLE, UNKNOWN_SOURCE (details.available), SOURCE_GONE, PROVIDERS_FAILED
   */
  resolve(
    title: Title,
    number: number,
    key: string | undefined,
    signal: AbortSignal,
    asker?: { readonly address?: string; askProviders(): Promise<void> },
  ): Promise<NumberedSource>
  /** The source's torrent holds further parts of its film: the next list has them as sources. */
  learnParts(source: Source, parts: readonly FilmPart[]): void
}
