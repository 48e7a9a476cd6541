import type { Title } from '../../../common/title.ts'
import type { DeclaredTitle } from './catalogue-format.ts'

/** Something to list sources of: a movie, or one episode of a series. */
export interface NamedTitle {
  readonly title: Title
  readonly name: string
}

/** Of a series; enough to see that the next one plays too. */
const EPISODES = 2

/** @param entries one list a title, in the order of the catalogues */
export function namedTitles(
  entries: Iterable<readonly (readonly [DeclaredTitle, unknown])[]>,
  most: number,
): NamedTitle[] {
  const named: NamedTitle[] = []
  for (const declared of entries) {
    for (const [entry] of declared.slice(0, 1)) named.push(...titlesOf(entry))
    if (named.length >= most) break
  }
  return named.slice(0, most)
}

function titlesOf(entry: DeclaredTitle): NamedTitle[] {
  const { id: imdbId, name = imdbId } = entry
  if (entry.type === 'movie') return [{ title: { type: 'movie', imdbId }, name }]
  return episodesOf(entry).map(([season, episode]) => ({
    title: { type: 'series', imdbId, season, episode },
    name: `${name}, season ${season} episode ${episode}`,
  }))
}

/** Season and episode; of a pack nobody knows more than that it begins with the first. */
function episodesOf({ episodes, packs }: DeclaredTitle): [season: number, episode: number][] {
  const listed = [...episodes.keys()].slice(0, EPISODES).map((name): [number, number] => {
    const [season = '', episode = ''] = name.split(':')
    return [Number(season), Number(episode)]
  })
  const season = packs[0]?.seasons[0]
  return listed.length > 0 || season === undefined ? listed : [[season, 1]]
}
