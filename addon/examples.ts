import { asFault } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Title } from '../common/title.ts'
import type { Book } from '../sources/book.ts'
import type { Source } from '../sources/source.ts'
import { playPath } from './stremio-id.ts'

/** A numbered source to try; `url` is a path below the base URL. */
export interface Example {
  readonly label: string
  readonly kind: string
  readonly url: string
}

const film = (imdbId: string, name: string) => ({ title: { type: 'movie', imdbId }, name }) as const

/** The free films that come with Playlink: the page names these and no title of an operator's own. */
const FREE_FILMS: readonly { readonly title: Title; readonly name: string }[] = [
  film('tt0000000', 'Playlink test film'),
  film('tt1254207', 'Big Buck Bunny'),
  film('tt1727587', 'Sintel'),
  film('tt2285752', 'Tears of Steel'),
  film('tt4957236', 'Cosmos Laundromat'),
  film('tt0807840', 'Elephants Dream'),
  film('tt0063350', 'Night of the Living Dead'),
]

const KINDS = {
  magnet: 'torrent',
  torrent: 'torrent',
  url: 'direct link',
  path: 'file on this server',
} as const satisfies Record<Source['locator']['kind'], string>

/** What the status page offers to try. A film whose sources cannot be asked for is left out. */
export function createExamples({ book, log }: { book: Pick<Book, 'list'>; log: Log }) {
  const examplesOf = async (
    { title, name }: (typeof FREE_FILMS)[number],
    signal: AbortSignal,
  ): Promise<readonly Example[]> => {
    try {
      const { sources } = await book.list(title, signal)
      return sources
        .filter((source) => source.listed && !source.retired)
        .map((source) => ({
          label: [name, source.quality].filter(Boolean).join(', '),
          kind: KINDS[source.locator.kind],
          url: playPath(title, source),
        }))
    } catch (error) {
      log.warn({ code: asFault(error).code }, 'an example of the status page has no sources')
      return []
    }
  }

  return async (signal: AbortSignal): Promise<readonly Example[]> =>
    (await Promise.all(FREE_FILMS.map((item) => examplesOf(item, signal)))).flat()
}
