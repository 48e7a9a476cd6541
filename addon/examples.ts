import type { Availability } from '../common/availability.ts'
import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import { playPath, type Title, titleId } from '../common/title.ts'
import type { SourceLists } from '../sources/lists/source-lists.ts'
import type { NamedTitle } from '../sources/providers/catalogue/catalogue-titles.ts'
import type { NumberedSource, Source } from '../sources/source.ts'
import { measuredWords } from './facts/measured-words.ts'

/** A numbered source to try; `url` is a path below the base URL. */
export interface Example {
  readonly label: string
  readonly type: Title['type']
  readonly kind: string
  readonly url: string
  /** As a list says it; absent where nothing was measured. */
  readonly measured?: string
}

/**
 * It is a page to try things, not a catalogue: so many titles of the operator's, and lines in all.
 */
const MAX_OWN_TITLES = 12
const MAX_EXAMPLES = 30

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

/**
 * What the status page offers to try: the free titles, and with `own` first those of the operator's
 * own catalogue. `address`: who asks, where that is counted. A title whose sources cannot be asked for is left out.
 */
export function createExamples(deps: {
  sourceLists: Pick<SourceLists, 'list'>
  /** What is known of a source here. */
  readonly player: {
    readonly availability: {
      recall(title: Title, sources: readonly NumberedSource[]): Promise<void>
      of(title: Title, source: NumberedSource): Availability
    }
  }
  /** The first titles of the catalogue. */
  titles?: (limit: number) => readonly NamedTitle[]
  log: Log
}) {
  const { sourceLists, log } = deps
  const { availability } = deps.player
  const examplesOf = async (
    { title, name }: NamedTitle,
    signal: AbortSignal,
    address: string | undefined,
  ): Promise<readonly Example[]> => {
    try {
      const { sources } = await sourceLists.list(title, signal, false, address)
      const listed = sources.filter((source) => source.listed && !source.retired)
      await availability.recall(title, listed)
      return listed.map((source) => {
        const measured = measuredWords(availability.of(title, source).file?.played)
        return {
          label: [name, source.quality].filter(Boolean).join(', '),
          type: title.type,
          kind: KINDS[source.locator.kind],
          url: playPath(title, source),
          ...(measured !== '' && { measured }),
        }
      })
    } catch (error) {
      log.warn({ code: asFault(error).code }, 'an example of the status page has no sources')
      return []
    }
  }

  return async (
    signal: AbortSignal,
    own = false,
    address?: string,
  ): Promise<readonly Example[]> => {
    const titles = own ? withOwn(deps.titles?.(MAX_OWN_TITLES) ?? []) : FREE_TITLES
    const lists = await Promise.all(titles.map((item) => examplesOf(item, signal, address)))
    return lists.flat().slice(0, MAX_EXAMPLES)
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
