import type { Title } from '../../common/title.ts'
import type { Token } from '../names/read-tokens.ts'
import { type Episode, markVerdict, yearVerdict } from './episode-verdict.ts'
import { filmVerdict, isOfAnotherCountry } from './film-verdict.ts'
import { type FoundTitle, titlesIn } from './find-title.ts'
import { type SaidOfTitle, saidOfTitle } from './said-of-title.ts'
import type { TitleFacts } from './titles/title-facts.ts'
import { unsure, type Verdict, wrong } from './verdict.ts'

const ANOTHER_TITLE = unsure('another title, told by an addon', true)

/**
 * Of a name in the answer of another addon to the title's IMDb id. The addon has matched it before, and may know
 * what we do not: names in other languages, and how seasons are counted elsewhere. So only what speaks
 * against it is wrong: kind, year, country, and a season or episode that it names plainly.
 */
export function addonVerdict(
  tokens: readonly Token[],
  title: Title,
  facts: TitleFacts | undefined,
): Verdict {
  const { found, said } = readAs(tokens, facts, title.type)
  if (title.type === 'series') return episodeOf(said, found, title, facts)
  if (found) return filmVerdict(said, facts, { by: 'attribute', found })
  if (said.pairs.length + said.seasons.length > 0) return wrong('a series')
  return isOfYear(said, facts?.year) ? ANOTHER_TITLE : wrong('other year')
}

/** `Inception.A.Origem.2010` goes on in another language: then all of it is another name. */
function readAs(tokens: readonly Token[], facts: TitleFacts | undefined, type: Title['type']) {
  for (const found of facts ? titlesIn(tokens, facts, type) : []) {
    const said = saidOfTitle(tokens, found)
    if (!said.hasMoreWords && said.number === undefined) return { found, said }
  }
  return { found: undefined, said: saidOfTitle(tokens) }
}

/** One of its years, for one may belong to its title; a premiere elsewhere is in the year before or after. */
const isOfYear = ({ years }: SaidOfTitle, wanted: number | undefined): boolean =>
  years.length === 0 ||
  wanted === undefined ||
  years.some(({ from, to }) => from - 1 <= wanted && wanted <= to + 1)

function episodeOf(
  said: SaidOfTitle,
  found: FoundTitle | undefined,
  title: Episode,
  facts: TitleFacts | undefined,
): Verdict {
  if (found && isOfAnotherCountry(said, facts)) return wrong('other country')
  if (said.isParody) return wrong('a parody')
  const year = found && yearVerdict(said.years, title, facts)
  const isFirst = isOfYear(said, facts?.year)
  if (year?.kind === 'wrong' && !isFirst) return year
  const verdict = markVerdict(said, title, facts)
  if (verdict.kind !== 'wrong') return found ? verdict : ANOTHER_TITLE
  return isPlain(said, verdict.reason, facts) ? verdict : unsure(`perhaps ${verdict.reason}`, true)
}

/**
 * A number alone may count through all seasons, or its season may be in a folder's name; what one metadata server
 * calls one season of an anime is two to others.
 */
function isPlain(
  { pairs, seasons, dates }: SaidOfTitle,
  reason: string,
  facts: TitleFacts | undefined,
): boolean {
  if (reason === 'other season' && (!facts || facts.countries?.includes('jp'))) return false
  return pairs.length + seasons.length + dates.length > 0
}
