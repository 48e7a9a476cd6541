import type { FoundTitle } from './find-title.ts'
import type { FoundBy } from './match.ts'
import type { SaidOfTitle } from './said-of-title.ts'
import type { TitleFacts } from './titles/title-facts.ts'
import { OTHER_TITLE, right, unsure, type Verdict, wrong } from './verdict.ts'

interface HowFound {
  readonly by: FoundBy
  readonly found: FoundTitle | undefined
}

/** Of a name that is the film's, or that an id stands for. */
export function filmVerdict(
  said: SaidOfTitle,
  facts: TitleFacts | undefined,
  { by, found }: HowFound,
): Verdict {
  if (isSeries(said)) return wrong('a series')
  if (said.isAside || said.isExtra) return wrong('no film')
  // `Die Hard 1` is the first, which nobody called so then.
  if (said.hasMoreWords || (said.number !== undefined && said.number !== '1')) {
    return wrong(OTHER_TITLE)
  }
  if (found && said.parts.length > 0) return wrong('other part')
  if (isOfAnotherCountry(said, facts)) return wrong('other country')
  if (said.isCountryInHead && by === 'name' && (facts?.countries ?? []).length === 0) {
    return unsure('its country is not known')
  }
  const wanted = facts?.year
  const [first, second] = said.years
  if (first && first.to !== first.from) return unsure('several films')
  // `Death Race 2000 1975`: the first belongs to the title. `2012 + 2015`: two films.
  if (found && first && second?.isJoined && second.from !== first.from) {
    return wrong(OTHER_TITLE)
  }
  if (!first) return by === 'attribute' ? right('its id') : unsure('no year', true)
  if (wanted === undefined) return unsure('its year is not known', true)
  if (first.from === wanted) return right('title and year')
  // Another premiere; not a film of the year before or after with the same name.
  const isNear = Math.abs(first.from - wanted) === 1
  const isSure = by === 'attribute' || (by === 'id' && found?.isShort === false)
  return isNear && isSure ? right('title, and about the year') : wrong('other year')
}

const isSeries = ({ pairs, seasons, episodes, dates, complete }: SaidOfTitle): boolean =>
  pairs.length + seasons.length + episodes.length + dates.length > 0 ||
  complete === 'mini' ||
  complete === 'tv'

/** `Ghosts.US` is not `Ghosts` of the United Kingdom. */
export function isOfAnotherCountry(
  { countries }: SaidOfTitle,
  facts: TitleFacts | undefined,
): boolean {
  const known = facts?.countries ?? []
  const [named] = countries
  return named !== undefined && known.length > 0 && !countries.some((one) => known.includes(one))
}
