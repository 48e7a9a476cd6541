import type { Log } from '../../../common/log.ts'
import { type Title, titleId } from '../../../common/title.ts'
import { type FoundBy, isAccepted, match } from '../../matching/match.ts'
import type { TitleFacts } from '../../matching/titles/title-facts.ts'
import { type Verdict, verdictText } from '../../matching/verdict.ts'
import type { ParsedName } from '../../names/parsed-name.ts'

/** What a provider found, with what its name says. */
export interface NamedItem {
  readonly title: string
  readonly parsed: ParsedName
}

export interface Question {
  readonly provider: string
  readonly title: Title
  /** Undefined: nobody could tell them. */
  readonly facts: TitleFacts | undefined
  /** The log of a provider tells every verdict at its debug level. */
  readonly log?: Log | undefined
}

/**
 * Those that are listed for a title, each with its verdict. `byOf` says how each was found. An answer to a
 * search by id that also has what is surely of another title does not obey the id: then names decide.
 */
export function judged<T extends NamedItem>(
  items: readonly T[],
  { provider, title, facts, log }: Question,
  byOf: (item: T) => FoundBy,
): readonly (T & { readonly verdict: Verdict })[] {
  const isObeyed = !items.some((item) => byOf(item) === 'id' && isOfAnother(item, title, facts))
  return items.flatMap((item) => {
    const by = byOf(item) === 'id' && !isObeyed ? 'name' : byOf(item)
    const verdict = match(item.parsed, title, facts, by)
    log?.debug(
      { provider, name: item.title.slice(0, 200), title: titleId(title) },
      verdictText(verdict),
    )
    return isAccepted(verdict, by) ? [{ ...item, verdict }] : []
  })
}

function isOfAnother({ parsed }: NamedItem, title: Title, facts: TitleFacts | undefined): boolean {
  if (!facts || parsed.tokens === '') return false
  const byName = match(parsed, title, facts, 'name')
  if (byName.kind !== 'wrong' || byName.reason !== 'other title') return false
  return match(parsed, title, facts, 'id').kind === 'wrong'
}

/** Whether the size of the torrent is about that of the file. */
export const isOneFile = (verdict: Verdict): boolean => verdict.kind === 'right' && !verdict.isPack
