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
  if (!found) return undefined
  const titles = titlesBefore(lastSegment(found.path), facts.year)
  const isTitled = titleKeys(facts).some(
    ({ isShort, letters }) => !isShort && letters.length >= SHORTEST && titles.has(letters),
  )
  return isTitled ? found : undefined
}

/** Behind it a title may begin: a number, a dash or a bracket. */
const BEFORE = /[[\](){}]| [-–] |(?<![\p{L}\d])\d{1,2}(?![\p{L}\d])/gu

/** What may be the title in front of a year, whole: `James.Bond.03.Goldfinger`, not `Making Halloween`. */
function titlesBefore(name: string, year: number): ReadonlySet<string> {
  const head = name.slice(0, Math.max(0, name.lastIndexOf(String(year))))
  const found = new Set<string>()
  const signs = [...head.matchAll(BEFORE)]
  for (const start of [0, ...signs.map(({ 0: sign, index }) => index + sign.length)]) {
    const words = wordsOf(head.slice(start))
    found.add(words.join(''))
    // `Star Trek 11 2009`
    if (/^\d{1,2}$/.test(words.at(-1) ?? '')) found.add(words.slice(0, -1).join(''))
  }
  return found
}
