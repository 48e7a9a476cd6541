import { lastSegment } from '../../common/media-types.ts'
import type { ByTitle } from './chosen-file.ts'
import { only, type Video } from './pack-episode.ts'
import { wordsOf } from './titles/title-key.ts'
import { titleKeys } from './titles/title-keys.ts'

const YEAR = /(?<![\p{L}\d])(?:18|19|20)\d\d(?![\p{L}\d])/gu
/** What is shorter may stand in any name. */
const SHORTEST = 4

/**
 * Of a collection whose files all say their years the one of the film's year that has its title somewhere:
 * `James.Bond.03.Goldfinger.1964`, `Ritorno al Futuro II (Back to the Future Part II) 1989`.
 */
export async function filmOfYear(
  videos: readonly Video[],
  { title, factsOf }: ByTitle,
): Promise<Video | undefined> {
  const years: readonly (readonly string[])[] = videos.map(
    ({ path }) => lastSegment(path).match(YEAR) ?? [],
  )
  if (years.some((some) => some.length === 0)) return undefined
  const facts = await factsOf?.(title)
  if (facts?.year === undefined) return undefined
  const found = only(videos.filter((_, at) => years[at]?.includes(String(facts.year))))
  const letters = found && wordsOf(lastSegment(found.path)).join('')
  const isTitled = titleKeys(facts).some(
    (key) => !key.isShort && key.letters.length >= SHORTEST && letters?.includes(key.letters),
  )
  return isTitled ? found : undefined
}
