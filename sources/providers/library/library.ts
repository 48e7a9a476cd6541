import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { Owners } from '../../../common/permits/owners.ts'
import { type Title, titleId } from '../../../common/title.ts'
import { isLibraryId, type UnknownTitles } from '../../free-films.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { verdictText } from '../../matching/verdict.ts'
import type { NameParser } from '../../names/name-parser.ts'
import type { Source, SourceProvider } from '../../source.ts'
import type { Candidate, Judged } from './judge.ts'
import { candidatesFor, judgeFiles } from './judge-files.ts'
import { openLibraryFolder } from './library-folder.ts'
import { identityOf, placeOf, rootNames } from './library-place.ts'
import { below } from './scan-folder.ts'
import { UnknownFiles } from './unknown-files.ts'

/** The operator's own folders of films and series. */
export interface Library extends SourceProvider {
  /** Undefined when nobody may be told what is in it. */
  readonly unknown: UnknownTitles | undefined
  close(): Promise<void>
}

export interface LibraryDeps {
  /** Absolute. */
  readonly folders: readonly string[]
  /** What is known of a title; undefined: nobody knows it. @throws when nobody could be asked */
  readonly factsOf: (title: Title, signal: AbortSignal) => Promise<TitleFacts | undefined>
  readonly parser: NameParser
  /** Files that no title is known of get ids of our own, by which everybody can find them. */
  readonly isNamed?: boolean
  readonly clock: Clock
  readonly log: Log
  readonly rescanMs?: number
  readonly debounceMs?: number
}

const NAME = 'library'
const RESCAN_MS = 600_000
const DEBOUNCE_MS = 1000
/** Of one title. */
const MAX_LISTED = 100
const MAX_REMEMBERED = 500

type Found = Pick<Judged, 'candidate' | 'resolution'>

interface Remembered {
  /** Of the folders and the facts that it was judged by. */
  readonly version: string
  readonly facts: TitleFacts | undefined
  readonly right: readonly Judged[]
}

/** Begins to scan the folders at once; what is asked meanwhile waits. */
export const openLibrary = (deps: LibraryDeps): Library => new ScannedLibrary(deps)

class ScannedLibrary implements Library {
  readonly name = NAME
  readonly authority = 'owned'
  readonly #deps: LibraryDeps
  readonly #folders: readonly ReturnType<typeof openLibraryFolder>[]
  readonly #names: readonly string[]
  readonly unknown: UnknownFiles | undefined
  readonly #judged = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED })

  constructor(deps: LibraryDeps) {
    const { folders, clock, log, rescanMs = RESCAN_MS, debounceMs = DEBOUNCE_MS } = deps
    this.#deps = deps
    this.#folders = folders.map((path) =>
      openLibraryFolder({ path, clock, log, rescanMs, debounceMs }),
    )
    this.#names = rootNames(folders)
    const unknown = { ...deps, folders: this.#folders, names: this.#names }
    this.unknown = deps.isNamed ? new UnknownFiles(unknown) : undefined
  }

  async find(title: Title, signal: AbortSignal, owners?: Owners): Promise<readonly Source[]> {
    // Before the first scan an empty answer would retire what is there.
    await Promise.all(this.#folders.map((folder) => folder.ready()))
    signal.throwIfAborted()
    const found = isLibraryId(title.imdbId)
      ? ((await this.unknown?.filesOf(title)) ?? []).map(asIs)
      : await this.#rightFor(title, signal, owners)
    const sources = await Promise.all(found.slice(0, MAX_LISTED).map((one) => this.#sourceOf(one)))
    return withoutTwins(sources.filter((source) => source !== undefined))
  }

  async close(): Promise<void> {
    await Promise.all(this.#folders.map((folder) => folder.close()))
  }

  /** @throws when the title's facts do not come and no id speaks for a file */
  async #rightFor(
    title: Title,
    signal: AbortSignal,
    owners: Owners | undefined,
  ): Promise<readonly Judged[]> {
    const before = this.#judged.get(titleId(title))
    let failure: unknown
    const facts = await this.#deps.factsOf(title, signal).catch((error: unknown) => {
      failure = error ?? new Error('no facts')
      return before?.facts
    })
    const version = `${this.#folders.map((one) => one.version)} ${textOf(facts)}`
    const right =
      before?.version === version ? before.right : await this.#judge(title, facts, owners)
    // What was remembered of it may be right still: nothing follows from a failure.
    if (failure !== undefined && !facts && right.length === 0) throw failure
    this.#judged.set(titleId(title), { version, facts, right })
    this.unknown?.known(right.map(({ candidate }) => candidate))
    return right
  }

  async #judge(
    title: Title,
    facts: TitleFacts | undefined,
    owners: Owners | undefined,
  ): Promise<readonly Judged[]> {
    const { log, parser } = this.#deps
    const asked: NameParser = {
      releases: (names) => parser.releases(names, owners),
      marks: (paths, torrent) => parser.marks(paths, torrent, owners),
    }
    const candidates = await candidatesFor(
      this.#folders.map(({ folders }) => folders),
      { title, facts },
    )
    const judged = await judgeFiles(candidates, { title, facts, parser: asked })
    for (const { candidate, verdict } of judged) {
      const name = below(candidate.folder, candidate.name).slice(-200)
      log.debug({ provider: NAME, name, title: titleId(title) }, verdictText(verdict))
    }
    return judged.filter(({ verdict }) => verdict.kind === 'right')
  }

  async #sourceOf({ candidate, resolution }: Found): Promise<Source | undefined> {
    const placed = await placeOf(this.#folders[candidate.root]?.path ?? '', candidate)
    return (
      placed && {
        locator: { kind: 'path', path: placed.path },
        selector: {},
        provider: NAME,
        identity: identityOf(this.#names[candidate.root] ?? '', candidate),
        filename: candidate.name,
        size: placed.size,
        ...(resolution !== undefined && { quality: resolution }),
      }
    )
  }
}

const asIs = (candidate: Candidate): Found => ({ candidate, resolution: undefined })

/** A file and a link to it are one. */
function withoutTwins(sources: readonly Source[]): readonly Source[] {
  const known = new Set<string>()
  return sources.filter(({ locator }) => {
    if (locator.kind !== 'path' || known.has(locator.path)) return false
    return known.add(locator.path)
  })
}

/** Equal for equal facts. */
const textOf = (facts: TitleFacts | undefined): string =>
  facts ? JSON.stringify({ ...facts, days: [...(facts.days ?? [])] }) : ''
