import type { Title } from '../../../common/title.ts'
import { FIRST_YEAR } from '../../matching/episode-verdict.ts'
import { match } from '../../matching/match.ts'
import { unsure, type Verdict, wrong } from '../../matching/verdict.ts'
import type { EpisodeMarks } from '../../names/parsed-name.ts'
import {
  type Candidate,
  idVerdict,
  type Judged,
  judgeOf,
  NOT_CALLED,
  objection,
  ofAnotherId,
  ownName,
  type Question,
  titleFolders,
} from './judge.ts'
import { resolutionIn } from './judge-film.ts'
import { beginsWithMark } from './library-names.ts'

type Episode = Extract<Title, { type: 'series' }>

/**
 * An episode is right by its own name, or, where that begins with the number, by the name of the series'
 * folder. The folder of a season decides about numbers without one.
 */
export async function judgeEpisode(
  candidate: Candidate,
  marks: EpisodeMarks,
  question: Question & { readonly title: Episode },
): Promise<Judged> {
  const { title } = question
  const judge = judgeOf(question)
  const by = idVerdict(candidate, title.imdbId)
  const name = ownName(candidate)
  const folders = titleFolders(candidate)
  const [[own], around] = await Promise.all([judge([name]), judge(folders)])
  const resolution = resolutionIn([own, ...around].map((one) => one?.parsed))
  const isCalled = own !== undefined && !NOT_CALLED.has(own.verdict.reason)
  const verdict = async (): Promise<Verdict> => {
    if (by === 'another') return ofAnotherId
    const against = by === 'this' ? undefined : objection(around.map((one) => one.verdict))
    if (against) return against
    const [series = ''] = folders
    const asWritten = (text: string) =>
      judge([text], by === 'this' ? 'attribute' : 'name').then(([one]) => one?.verdict ?? UNREAD)
    if (marks.sure) {
      if (isCalled || by === 'this') return asWritten(name)
      return beginsWithMark(name) ? asWritten(`${series} ${name}`) : wrong('other title')
    }
    if (marks.season === undefined || marks.season >= FIRST_YEAR) return asWritten(name)
    if (marks.season !== title.season) return wrong('other season')
    if (marks.season === 0) return unsure('a special without its number')
    if (isCalled && own) return numberInSeason(own.parsed, question)
    const [episode] = marks.episodes
    const isNumber = beginsWithMark(name) && marks.episodes.length === 1
    if (!isNumber || episode === undefined) return unsure('no episode')
    return asWritten(`${series} S${marks.season}E${String(episode).padStart(2, '0')}`)
  }
  return { candidate, verdict: await verdict(), resolution }
}

const UNREAD = unsure('no name')

/**
 * `Name - 05` in the folder of a season: the fifth of it, or counted over all seasons. Where it may be
 * either it is neither.
 */
function numberInSeason(
  name: Parameters<typeof match>[0],
  { title, facts }: Question & { readonly title: Episode },
): Verdict {
  const overAll = match(name, title, facts)
  if (!facts || title.season === 1) return overAll
  const { seasons, ...others } = facts
  const inSeason = match(name, { ...title, season: 1 }, others)
  const before = seasons
    ?.filter(({ season }) => season > 0 && season < title.season)
    .reduce((sum, { episodes }) => sum + episodes, 0)
  const own = seasons?.find(({ season }) => season === title.season)?.episodes
  if (overAll.kind === 'right') {
    return before !== undefined && before + title.episode <= (own ?? 0) ? EITHER : overAll
  }
  if (inSeason.kind !== 'right') return overAll
  return before === undefined || title.episode > before ? EITHER : inSeason
}

const EITHER = unsure('its number may count over all seasons')
