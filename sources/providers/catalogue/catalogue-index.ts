import { createEventLoopYield } from '../../../common/permits/event-loop-yield.ts'
import type { CatalogueTitle } from '../../free-films.ts'
import type { DeclaredTitle } from './catalogue-format.ts'
import type { LoadedCatalogue } from './catalogue-load.ts'
import { catalogueTitle } from './catalogue-names.ts'

/** What all catalogues say together, by `<type> <id>`, in their order. */
export interface CatalogueIndex {
  readonly declared: ReadonlyMap<string, readonly [DeclaredTitle, LoadedCatalogue][]>
  /** The same titles for people. */
  readonly named: ReadonlyMap<string, CatalogueTitle>
}

export const NO_CATALOGUES: CatalogueIndex = { declared: new Map(), named: new Map() }

/**
 * Titles that stand in several files are joined in the order of the files. Others have their turns meanwhile:
 * 50,000 titles at once hold everybody for a tenth of a second.
 */
export async function orderCatalogues(
  catalogues: readonly LoadedCatalogue[],
): Promise<CatalogueIndex> {
  const pause = createEventLoopYield()
  const declared = new Map<string, [DeclaredTitle, LoadedCatalogue][]>()
  for (const catalogue of catalogues) {
    for (const title of catalogue.titles) {
      const paused = pause()
      if (paused) await paused
      const key = `${title.type} ${title.id}`
      const known = declared.get(key)
      if (known) known.push([title, catalogue])
      else declared.set(key, [[title, catalogue]])
    }
  }
  const named = new Map<string, CatalogueTitle>()
  for (const [key, entries] of declared) {
    const paused = pause()
    if (paused) await paused
    const title = catalogueTitle(entries.map(([entry]) => entry))
    if (title) named.set(key, title)
  }
  return { declared, named }
}
