import type { Title } from '../../common/title.ts'
import { readTokens, type Token } from '../names/read-tokens.ts'
import { addonVerdict } from './addon-verdict.ts'
import { episodeVerdict } from './episode-verdict.ts'
import { filmVerdict } from './film-verdict.ts'
import { type FoundTitle, titlesIn } from './find-title.ts'
import { saidOfTitle } from './said-of-title.ts'
import type { TitleFacts } from './titles/title-facts.ts'
import { OTHER_TITLE, unsure, type Verdict, wrong } from './verdict.ts'

/**
 * How it was found. By its `name`: everything has to be right. By its `id`: a provider that was asked for
 * the title's IMDb id gave it, so its name may be in another language, but year and kind still count. By an
 * `attribute`: it says that it is of this IMDb id. By another `addon`, which was asked for the id and matches by
 * itself: only what speaks against it counts.
 */
export type FoundBy = 'name' | 'id' | 'attribute' | 'addon'

/** A name as the worker reads it. */
export interface ReadName {
  readonly tokens: string
}

/**
 * Whether the name of a release is of this film, of this episode, or of a pack with it. A wrong one is worse
 * than none: what cannot be told is `unsure`.
 * @param facts undefined: nobody could tell them
 */
export function match(
  name: ReadName,
  title: Title,
  facts: TitleFacts | undefined,
  by: FoundBy = 'name',
): Verdict {
  const tokens = readTokens(name.tokens)
  if (tokens.length === 0) return unsure('no name')
  if (by === 'addon') return addonVerdict(tokens, title, facts)
  if (!facts && by === 'name') return unsure('nobody knows the title')
  const [first, ...others] = facts ? titlesIn(tokens, facts, title.type) : []
  if (!first && by === 'name') return wrong(OTHER_TITLE)
  const verdict = verdictAt(tokens, title, facts, { by, found: first })
  // `Memento - Zapomnij / Memento (2000)`: the first name goes on, and another is the title.
  // Of an episode no year would speak for it: `Dexter New Blood [Dexter] S01E01`.
  const isLonger =
    verdict.kind === 'wrong' && verdict.reason === OTHER_TITLE && title.type === 'movie'
  if (!isLonger) return verdict
  const elsewhere = others.map((found) => verdictAt(tokens, title, facts, { by, found }))
  return elsewhere.find(({ kind }) => kind === 'right') ?? verdict
}

function verdictAt(
  tokens: readonly Token[],
  title: Title,
  facts: TitleFacts | undefined,
  { by, found }: { readonly by: FoundBy; readonly found: FoundTitle | undefined },
): Verdict {
  const said = saidOfTitle(tokens, found)
  const { sequel } = found ?? {}
  // The year of a film is all that speaks for it.
  const isNameless = facts && !found && by === 'id' && title.type === 'movie'
  if (isNameless && said.years.length === 0) return wrong(OTHER_TITLE)
  const verdict =
    title.type === 'movie'
      ? filmVerdict(said, facts, { by, found })
      : episodeVerdict({ ...said, number: said.number ?? sequel }, title, facts, by)
  if (verdict.kind !== 'right' || found || by === 'attribute') return verdict
  return unsure(facts ? 'another title, found by its id' : 'nobody knows the title', true)
}

/** Whether it is found by a name that leaves out its part, or 3D: in a collection that is another film. */
export const isByLess = (name: ReadName, title: Title, facts: TitleFacts): boolean =>
  titlesIn(readTokens(name.tokens), facts, title.type)[0]?.isLess === true

/** Whether it is listed. */
export const isAccepted = (verdict: Verdict, by: FoundBy): boolean =>
  by === 'addon'
    ? verdict.kind !== 'wrong'
    : verdict.kind === 'right' ||
      (verdict.kind === 'unsure' && verdict.isEnoughById && by !== 'name')
