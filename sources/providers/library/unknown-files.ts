import { LRUCache } from 'lru-cache'
import type { Log } from '../../../common/log.ts'
import { atMost } from '../../../common/memory/lru-options.ts'
import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import type { Title } from '../../../common/title.ts'
import { byOneKey } from '../../by-one-key.ts'
import type { CatalogueTitle, UnknownTitles } from '../../free-films.ts'
import type { NameParser } from '../../names/name-parser.ts'
import { NO_NAME } from '../../names/parsed-name.ts'
import { type Candidate, ownName } from './judge.ts'
import { idAround } from './judge-files.ts'
import type { LibraryFolder } from './library-folder.ts'
import { below } from './scan-folder.ts'
import {
  type Place,
  placeIn,
  type Read,
  type UnknownTitle,
  unknownFilm,
  unknownSeries,
} from './unknown-title.ts'

export interface UnknownFilesDeps {
  readonly folders: readonly LibraryFolder[]
  /** Of the folders, as identities have them. */
  readonly names: readonly string[]
  readonly parser: NameParser
  readonly log: Log
}

/** Those that come first, by their paths. */
const MAX_FILES = 10_000
/** Whose names the worker reads at once. */
const AT_ONCE = 200
const MAX_KNOWN = 20_000

interface Made {
  readonly version: string
  readonly titles: Promise<ReadonlyMap<string, UnknownTitle>>
}

/**
 * The files that no IMDb id is beside, as titles of our own. Those that were right for a title that somebody asked
 * for are not listed any more, and stay under the ids that they had.
 */
export class UnknownFiles implements UnknownTitles {
  readonly #deps: UnknownFilesDeps
  readonly #known = new LRUCache<string, true>(atMost(MAX_KNOWN))
  #made: Made | undefined
  #saidCut = false

  constructor(deps: UnknownFilesDeps) {
    this.#deps = deps
  }

  /** These are right for a title. */
  known(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) this.#known.set(keyOf(candidate), true)
  }

  async list(type: string): Promise<readonly CatalogueTitle[]> {
    const listed = [...(await this.#titles()).values()].filter(
      ({ title, files }) => title.type === type && !this.#isKnown(files),
    )
    const [findable, others] = [true, false].map((is) =>
      listed.filter(({ isFindable }) => isFindable === is),
    )
    return [...(others ?? []), ...(findable ?? [])].map(({ title }) => title)
  }

  async find(type: string, imdbId: string): Promise<CatalogueTitle | undefined> {
    const found = (await this.#titles()).get(imdbId)?.title
    return found?.type === type ? found : undefined
  }

  async filesOf(title: Title): Promise<readonly Candidate[]> {
    const found = (await this.#titles()).get(title.imdbId)
    if (found?.title.type !== title.type) return []
    const key = title.type === 'movie' ? '' : `${title.season}:${title.episode}`
    return found.files.get(key) ?? []
  }

  #isKnown(files: UnknownTitle['files']): boolean {
    for (const candidates of files.values()) {
      if (candidates.some((one) => this.#known.has(keyOf(one)))) return true
    }
    return false
  }

  /** Made anew when a scan has found something else; however many ask meanwhile, once. */
  async #titles(): Promise<ReadonlyMap<string, UnknownTitle>> {
    const { folders } = this.#deps
    await Promise.all(folders.map((folder) => folder.ready()))
    const version = folders.map((one) => one.version).join(' ')
    if (this.#made?.version !== version) this.#made = { version, titles: this.#make() }
    return this.#made.titles
  }

  async #make(): Promise<ReadonlyMap<string, UnknownTitle>> {
    const candidates = await this.#withoutId()
    const films: Read[] = []
    const series = new Map<string, (readonly [Place, Read])[]>()
    for (let at = 0; at < candidates.length; at += AT_ONCE) {
      for (const read of await this.#read(candidates.slice(at, at + AT_ONCE))) {
        const place = placeIn(read)
        if (!place) films.push(read)
        else if (series.get(place.series)?.push([place, read]) === undefined)
          series.set(place.series, [[place, read]])
      }
    }
    return this.#byId(films, [...series.values()])
  }

  async #byId(
    films: readonly Read[],
    series: readonly (readonly (readonly [Place, Read])[])[],
  ): Promise<ReadonlyMap<string, UnknownTitle>> {
    const pause = createEventLoopYield()
    const nameOf = ({ root }: Candidate): string => this.#deps.names[root] ?? ''
    const titles: UnknownTitle[] = []
    for (const reads of series) {
      await pause()
      const [, first] = reads[0] ?? []
      if (first) titles.push(unknownSeries(reads, nameOf(first.candidate)))
    }
    for (const read of films) {
      await pause()
      titles.push(unknownFilm(read, nameOf(read.candidate)))
    }
    // Where digests give two one id neither has it: one file must not play as the other, now or after a restart.
    return byOneKey(titles.toSorted(byName), ({ title }) => title.imdbId)
  }

  async #read(candidates: readonly Candidate[]): Promise<readonly Read[]> {
    const { parser } = this.#deps
    const [marks, parsed] = await Promise.all([
      parser.marks(candidates.map(({ folder, name }) => below(folder, name))),
      parser.releases(candidates.map(ownName)),
    ])
    return candidates.map((candidate, at) => ({
      candidate,
      marks: marks[at],
      parsed: parsed[at] ?? NO_NAME,
    }))
  }

  async #withoutId(): Promise<readonly Candidate[]> {
    const pause = createEventLoopYield()
    const found: Candidate[] = []
    for (const [root, { folders }] of this.#deps.folders.entries()) {
      for (const [folder, { videos }] of folders) {
        await pause()
        if (videos.length === 0 || idAround(folders, folder) !== undefined) continue
        for (const { name, id } of videos) {
          if (id !== undefined) continue
          if (found.length >= MAX_FILES) return this.#cut(found)
          found.push({ root, folder, name, id, folderId: undefined, siblings: videos.length })
        }
      }
    }
    return found
  }

  #cut(found: readonly Candidate[]): readonly Candidate[] {
    if (!this.#saidCut) {
      const text =
        'more files of the library have no IMDb id than the catalog lists: the rest plays by its names only'
      this.#deps.log.warn({ listed: found.length }, text)
    }
    this.#saidCut = true
    return found
  }
}

const keyOf = ({ root, folder, name }: Candidate): string => `${root} ${below(folder, name)}`

const byName = ({ title: a }: UnknownTitle, { title: b }: UnknownTitle): number => {
  const [left, right] = [a.name.toLowerCase(), b.name.toLowerCase()]
  return left < right ? -1 : left > right ? 1 : 0
}
