import type { Title } from '../../common/title.ts'
import type { NumberedSource } from '../source.ts'

/** The numbered sources of one title, in number order. */
export interface SourceList {
  readonly sources: readonly NumberedSource[]
  /** Providers without an answer in the look-up this came from; none when it was only recalled. */
  readonly failed: readonly string[]
}

export interface SourceLists {
  /**
   * Asks the providers, renumbers (append-only) and writes the note by compare-and-set. Answers
   * within `LIST_DEADLINE_MS` with what there is; what comes later is in the next list.
   * `relayed`: an addon asks, so providers that ask addons are left out.
   * @throws Fault PROVIDERS_FAILED when all failed and nothing is remembered
   */
  list(title: Title, signal: AbortSignal, relayed?: boolean): Promise<SourceList>
  /** What is remembered; no provider asked. */
  recall(title: Title): Promise<SourceList | undefined>
  /**
   * The source a /play address means: the key wins over the number; unknown after one fresh look-up = Fault.
   * @throws Fault UNKNOWN_TITLE, UNKNOWN_SOURCE (details.available), SOURCE_GONE, PROVIDERS_FAILED
   */
  resolve(
    title: Title,
    number: number,
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<NumberedSource>
}
