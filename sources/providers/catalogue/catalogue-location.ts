import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import type { Clock } from '../../../common/clock.ts'
import { asFault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import { createPoller, type Poller } from '../../polling/poller.ts'
import type { CatalogueFiles } from './catalogue-files.ts'
import { type DeclaredTitle, MOST_PROBLEMS } from './catalogue-format.ts'
import type { CataloguePlace, Reading } from './catalogue-load.ts'
import type { DeclaredSource } from './catalogue-source.ts'

/** One of the operator's locations, kept up to date. */
export interface CatalogueLocation {
  /** The last reading; undefined when it could not be read. */
  readonly reading: Reading | undefined
  /** Reads it, if it has changed. Never rejects. */
  refresh(): Promise<void>
  watch(): void
  /** Resolves when no reading runs any more. */
  close(): Promise<void>
}

export interface CatalogueLocationDeps {
  readonly place: CataloguePlace
  readonly files: CatalogueFiles
  readonly clock: Clock
  readonly log: Log
  readonly pollMs: number
  readonly debounceMs: number
  /** The reading is another one; resolves when it counts. */
  changed(): Promise<void>
}

/** Problems in the log, for one version of a catalogue; the rest is only counted. */
const MAX_LOGGED = 100
/** A location that could not be read yet is tried again sooner than at its next poll. */
const RETRY_MS = 30_000

export const createCatalogueLocation = (deps: CatalogueLocationDeps): CatalogueLocation =>
  new PolledLocation(deps)

class PolledLocation implements CatalogueLocation {
  readonly #deps: CatalogueLocationDeps
  readonly #closing = new AbortController()
  #reading: Reading | undefined
  /** Why it could not be read the last time; undefined when it could. */
  #failure: string | undefined
  #refreshing: Promise<void> | undefined
  #poller: Poller | undefined

  constructor(deps: CatalogueLocationDeps) {
    this.#deps = deps
  }

  get reading(): Reading | undefined {
    return this.#reading
  }

  refresh(): Promise<void> {
    this.#refreshing ??= this.#read()
      .catch((error: unknown) => (this.#closing.signal.aborted ? undefined : this.#failed(error)))
      .finally(() => {
        this.#refreshing = undefined
      })
    return this.#refreshing
  }

  watch(): void {
    if (this.#closing.signal.aborted || this.#poller) return
    const { place, pollMs, debounceMs } = this.#deps
    this.#poller = createPoller({
      folder: place.folder,
      pollMs: () => (this.#reading ? pollMs : Math.min(RETRY_MS, pollMs)),
      debounceMs,
      poll: () => this.refresh(),
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#poller?.close()
    await this.#refreshing
  }

  async #read(): Promise<void> {
    const { place, files, log, clock, changed } = this.#deps
    const began = clock.steady()
    const reading = await place.read(this.#reading?.version, this.#closing.signal)
    this.#failure = undefined
    if (!reading) return
    const problems = await problemsOf(reading, files)
    if (this.#closing.signal.aborted) return
    this.#reading = reading
    await changed()
    report(log, place.name, reading, problems, clock.steady() - began)
  }

  async #failed(error: unknown): Promise<void> {
    const { place, log, changed } = this.#deps
    const sentence =
      error instanceof ValidationError ? error.message : `${place.name}: ${asFault(error).message}`
    if (sentence !== this.#failure) log.warn({ problem: sentence }, 'a catalogue could not be read')
    this.#failure = sentence
    // Files that went away are gone. A server that does not answer is one to wait for: what it said
    // last stays.
    if (place.folder === undefined || !this.#reading) return
    this.#reading = undefined
    await changed()
  }
}

/** The text's problems, and those of the files it names, in the order of the lines. */
async function problemsOf(reading: Reading, files: CatalogueFiles): Promise<string[]> {
  const problems = [...reading.problems]
  const pause = createEventLoopYield()
  for (const { name, root, titles, problems: found } of reading.catalogues) {
    const lines = [...found]
    for (const source of sourcesOf(titles)) {
      const paused = pause()
      if (paused) await paused
      const bad = await files.locate(source, root, '').then(
        () => undefined,
        (error: unknown) =>
          error instanceof ValidationError ? error.message : 'the file cannot be read',
      )
      if (bad !== undefined && lines.length < MOST_PROBLEMS) {
        lines.push({ line: source.line, sentence: bad })
      }
    }
    lines.sort((a, b) => a.line - b.line)
    for (const { line, sentence } of lines) problems.push(`${name}:${line}: ${sentence}`)
  }
  return problems
}

/** One title after the other: a list of all would be made in one go. */
function* sourcesOf(titles: readonly DeclaredTitle[]): Generator<DeclaredSource> {
  for (const { sources, episodes, packs } of titles) {
    yield* sources
    for (const declared of episodes.values()) yield* declared
    for (const { source } of packs) yield source
  }
}

function report(
  log: Log,
  name: string,
  { catalogues }: Reading,
  problems: readonly string[],
  ms: number,
): void {
  for (const problem of problems.slice(0, MAX_LOGGED)) {
    log.warn({ problem }, 'a catalogue entry cannot be used')
  }
  const titles = catalogues.reduce((sum, catalogue) => sum + catalogue.titles.length, 0)
  const took = Math.round(ms)
  log.info({ catalogue: name, titles, problems: problems.length, ms: took }, 'catalogue read')
}
