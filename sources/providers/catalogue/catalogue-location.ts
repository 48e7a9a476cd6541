import { ValidationError } from '../../../common/bittorrent/validation-error.ts'
import type { Clock } from '../../../common/clock.ts'
import { asFault } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { createWatch, type Watch } from '../shared/catalogue-watch.ts'
import type { CatalogueFiles } from './catalogue-files.ts'
import type { DeclaredTitle } from './catalogue-format.ts'
import type { CataloguePlace, Reading } from './catalogue-load.ts'
import type { DeclaredSource } from './catalogue-source.ts'

/** One of the operator's locations, kept up to date. */
export interface Location {
  /** As last read; undefined when nothing could be read. */
  readonly reading: Reading | undefined
  /** Reads it if it changed; never rejects. */
  look(): Promise<void>
  watch(): void
  /** Resolves when no look runs any more. */
  close(): Promise<void>
}

export interface LocationDeps {
  readonly place: CataloguePlace
  readonly files: CatalogueFiles
  readonly clock: Clock
  readonly log: Log
  readonly pollMs: number
  readonly debounceMs: number
  changed(): void
}

/** Logged for one version; the rest is counted. */
const MAX_LOGGED = 100
/** A place that never could be read is tried again sooner than its poll. */
const RETRY_MS = 30_000

export function createLocation(deps: LocationDeps): Location {
  const { place, files, log, clock } = deps
  const ended = new AbortController()
  let reading: Reading | undefined
  let failure: string | undefined
  let running: Promise<void> | undefined
  let watching: Watch | undefined

  async function read(): Promise<void> {
    const began = clock.steady()
    const next = await place.read(reading?.version, ended.signal)
    failure = undefined
    if (!next) return
    const problems = await problemsOf(next, files)
    if (ended.signal.aborted) return
    reading = next
    deps.changed()
    report(log, place.name, next, problems, clock.steady() - began)
  }

  function failed(error: unknown): void {
    const sentence =
      error instanceof ValidationError ? error.message : `${place.name}: ${asFault(error).message}`
    if (sentence !== failure) log.warn({ problem: sentence }, 'a catalogue could not be read')
    failure = sentence
    // Files that went away are gone; a server that does not answer merely keeps us waiting.
    if (place.folder === undefined || !reading) return
    reading = undefined
    deps.changed()
  }

  function look(): Promise<void> {
    running ??= read()
      .catch((error: unknown) => {
        if (!ended.signal.aborted) failed(error)
      })
      .finally(() => {
        running = undefined
      })
    return running
  }

  return {
    get reading() {
      return reading
    },
    look,
    watch() {
      if (ended.signal.aborted || watching) return
      const pollMs = () => (reading ? deps.pollMs : Math.min(RETRY_MS, deps.pollMs))
      watching = createWatch({ folder: place.folder, pollMs, debounceMs: deps.debounceMs, look })
    },
    async close() {
      ended.abort()
      watching?.close()
      await running
    },
  }
}

/** The text's problems, and those of the files it names, in the order of the lines. */
async function problemsOf(reading: Reading, files: CatalogueFiles): Promise<string[]> {
  const problems = [...reading.problems]
  for (const { name, root, titles, problems: found } of reading.catalogues) {
    const lines = [...found]
    for (const source of titles.flatMap(sourcesOf)) {
      const bad = await files.locate(source, root, '').then(
        () => undefined,
        (error: unknown) =>
          error instanceof ValidationError ? error.message : 'the file cannot be read',
      )
      if (bad !== undefined) lines.push({ line: source.line, sentence: bad })
    }
    lines.sort((a, b) => a.line - b.line)
    problems.push(...lines.map(({ line, sentence }) => `${name}:${line}: ${sentence}`))
  }
  return problems
}

const sourcesOf = (title: DeclaredTitle): DeclaredSource[] => [
  ...title.sources,
  ...[...title.episodes.values()].flat(),
  ...title.packs.map(({ source }) => source),
]

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
