import type { Availability, PlayedHere } from '../../common/availability.ts'
import { cleanText } from '../../common/clean-text.ts'
import { asFault } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { playPath, type Title, titleId } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { withoutDuplicates } from '../../sources/lists/without-duplicates.ts'
import type { NamedTitle } from '../../sources/providers/catalogue/catalogue-titles.ts'
import type { NumberedSource, Source } from '../../sources/source.ts'
import { type SearchParts, type SearchViewer, searchTitles } from './search-titles.ts'

/** A numbered source to try; `url` is a path below the base URL. */
export interface Example {
  readonly label: string
  readonly type: Title['type']
  readonly kind: string
  readonly url: string
  /** The name of its file, else what its provider calls it; absent where the label says it. */
  readonly release?: string
  /** How it came here last; absent where nothing was measured. */
  readonly measured?: PlayedHere
}

/**
 * It is a page to try things, not a catalogue: so many titles of the operator's, and lines in all.
 */
const MAX_OWN_TITLES = 12
const MAX_EXAMPLES = 30
const MAX_RELEASE = 200

const film = (imdbId: string, name: string) => ({ title: { type: 'movie', imdbId }, name }) as const

/** The free titles that come with Playlink. Without the admin's token the page names no others. */
const FREE_TITLES: readonly NamedTitle[] = [
  film('tt0000000', 'Playlink test film'),
  film('tt1254207', 'Big Buck Bunny'),
  film('tt1727587', 'Sintel'),
  film('tt2285752', 'Tears of Steel'),
  film('tt4957236', 'Cosmos Laundromat'),
  film('tt0807840', 'Elephants Dream'),
  film('tt0063350', 'Night of the Living Dead'),
  {
    title: { type: 'series', imdbId: 'tt1748166', season: 1, episode: 1 },
    name: 'Pioneer One, season 1 episode 1',
  },
]

const KINDS = {
  magnet: 'torrent',
  torrent: 'torrent',
  url: 'direct link',
  path: 'file on this server',
} as const satisfies Record<Source['locator']['kind'], string>

/** What the status page offers to try. A title whose sources cannot be asked for is left out. */
export interface Examples {
  /** The free titles; for the operator first those of the own catalogue. */
  offered(viewer: SearchViewer): Promise<readonly Example[]>
  /**
   * Of titles that have the words in their names, or of the one of an id: `tt1254207`, `tt0903747:1:2`.
   * @throws Fault of the viewer's asker
   */
  search(text: string, viewer: SearchViewer): Promise<readonly Example[]>
  /** The sources of one title. */
  of(title: NamedTitle, viewer: SearchViewer): Promise<readonly Example[]>
}

export interface ExampleParts extends SearchParts {
  readonly sourceLists: Pick<SourceLists, 'list'>
  /** What is known of a source here. */
  readonly player: {
    readonly availability: {
      recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
      of(title: Title, source: NumberedSource): Availability
    }
  }
  /** The first titles of the catalogue. */
  readonly titles?: (limit: number) => readonly NamedTitle[]
  readonly log: Log
}

export const createExamples = (parts: ExampleParts): Examples => new ListedExamples(parts)

class ListedExamples implements Examples {
  readonly #parts: ExampleParts

  constructor(parts: ExampleParts) {
    this.#parts = parts
  }

  async offered(viewer: SearchViewer): Promise<readonly Example[]> {
    const { titles } = this.#parts
    const offered = viewer.isOperator ? withOwn(titles?.(MAX_OWN_TITLES) ?? []) : FREE_TITLES
    return (await this.#ofAll(offered, viewer)).flat().slice(0, MAX_EXAMPLES)
  }

  async search(text: string, viewer: SearchViewer): Promise<readonly Example[]> {
    const titles = await searchTitles(this.#parts, text, viewer)
    // One search asks for several lists.
    for (const _ of titles) await viewer.asker?.askProviders()
    const lists = (await this.#ofAll(titles, viewer)).filter(({ length }) => length > 0)
    // Many releases of one title leave room for the others.
    const share = Math.ceil(MAX_EXAMPLES / lists.length)
    return lists.flatMap((list) => list.slice(0, share)).slice(0, MAX_EXAMPLES)
  }

  async of({ title, name }: NamedTitle, viewer: SearchViewer): Promise<readonly Example[]> {
    const { sourceLists, player, log } = this.#parts
    const { availability } = player
    const { signal, asker } = viewer
    try {
      const { sources } = await sourceLists.list(title, signal, false, asker?.address)
      const listed = sources.filter((source) => source.listed && !source.retired)
      await availability.recall(title, listed)
      return withoutDuplicates(listed).map((source) =>
        exampleOf(title, name, source, availability.of(title, source)),
      )
    } catch (error) {
      signal.throwIfAborted()
      log.warn({ code: asFault(error).code }, 'an example of the status page has no sources')
      return []
    }
  }

  #ofAll(titles: readonly NamedTitle[], viewer: SearchViewer): Promise<(readonly Example[])[]> {
    return Promise.all(titles.map((title) => this.of(title, viewer)))
  }
}

function exampleOf(
  title: Title,
  name: string,
  source: NumberedSource,
  { file }: Availability,
): Example {
  const release = cleanText(source.filename ?? source.label ?? '', MAX_RELEASE)
  return {
    label: [name, source.quality].filter(Boolean).join(', '),
    type: title.type,
    kind: KINDS[source.locator.kind],
    url: playPath(title, source),
    ...(release !== '' && release !== name && { release }),
    ...(file?.played && { measured: file.played }),
  }
}

/**
 * The operator's own first. A title that is in both stands here once, under the name of the free
 * list.
 */
function withOwn(own: readonly NamedTitle[]): readonly NamedTitle[] {
  const free = new Set(FREE_TITLES.map(({ title }) => titleId(title)))
  return [...own.filter(({ title }) => !free.has(titleId(title))), ...FREE_TITLES]
}
