import type { Title } from '../../../common/title.ts'
import type { DeclaredTitle } from './catalogue-format.ts'

/** A movie, or one episode of a series, with a name for people. */
export interface NamedTitle {
  readonly title: Title
  readonly name: string
}

/** Of a series; two are enough to see that the next one plays too. */
const EPISODES = 2

/** @param entries one list for each title, in the order of the catalogues */
export function namedTitles(
  entries: Iterable<readonly (readonly [DeclaredTitle, unknown])[]>,
  limit: number,
): NamedTitle[] {
  const named: NamedTitle[] = []
  for (const declared of entries) {
    for (const [entry] of declared.slice(0, 1)) named.push(...titlesOf(entry))
    if (named.length >= limit) break
  }
  return named.slice(0, limit)
}

function titlesOf(entry: DeclaredTitle): NamedTitle[] {
  const { id: imdbId, name = imdbId } = entry
  if (entry.type === 'movie') return [{ title: { type: 'movie', imdbId }, name }]
  return episodesOf(entry).map(([season, episode]) => ({
    title: { type: 'series', imdbId, season, episode },
    name: `${name}, season ${season} episode ${episode}`,
  }))
}

/** The first episodes. Of a pack it is only known that it begins with episode 1. */
function episodesOf({ episodes, packs }: DeclaredTitle): [season: number, episode: number][] {
  const listed = [...episodes.keys()].slice(0, EPISODES).map((name): [number, number] => {
    const [season = '', episode = ''] = name.split(':')
    return [Number(season), Number(episode)]
  })
  const season = packs[0]?.seasons[0]
  return listed.length > 0 || season === undefined ? listed : [[season, 1]]
}
