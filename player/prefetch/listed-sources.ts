import type { Availability } from '../../common/availability.ts'
import type { Title } from '../../common/title.ts'
import type { SourceLists } from '../../sources/lists/source-lists.ts'
import { inListOrder } from '../../sources/matching/ranking.ts'
import type { NumberedSource } from '../../sources/source.ts'

export interface ListedParts {
  readonly sourceLists: Pick<SourceLists, 'list' | 'recall'>
  readonly availabilityOf: (title: Title, source: NumberedSource) => Availability
}

/** The sources of a title in the order in which a list shows them; providers are asked when none is remembered. */
export async function listedSources(
  { sourceLists, availabilityOf }: ListedParts,
  title: Title,
  signal: AbortSignal,
): Promise<readonly NumberedSource[]> {
  const found = (await sourceLists.recall(title)) ?? (await sourceLists.list(title, signal))
  const items = found.sources
    .filter((source) => source.listed && !source.retired)
    .map((source) => ({ source, state: availabilityOf(title, source) }))
  return inListOrder(items).map(({ source }) => source)
}
