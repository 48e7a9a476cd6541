import { createEventLoopYield } from '../common/permits/event-loop-yield.ts'
import { type CatalogueTitle, isFreeLicence } from '../sources/free-films.ts'
import { plainName } from '../sources/names/plain-name.ts'

type Titles = ReadonlyMap<string, CatalogueTitle>

interface Named {
  readonly title: CatalogueTitle
  readonly plain: string
}

/**
 * The titles of the local catalogue that have a free licence, by type, with their names as they are
 * looked for. Made once for each reading of the catalogue: made anew for every search of 20,000 titles
 * it would hold everybody else for a quarter of a second.
 */
export class FreeTitles {
  readonly #local: () => Titles
  #made: { readonly of: Titles; readonly byType: Promise<ReadonlyMap<string, Named[]>> } | undefined

  constructor(local: () => Titles) {
    this.#local = local
  }

  async of(type: string): Promise<readonly CatalogueTitle[]> {
    return (await this.#named(type)).map(({ title }) => title)
  }

  /** The first so many that are allowed and have the text in their names. */
  async search(
    type: string,
    plain: string,
    most: number,
    isAllowed: (title: CatalogueTitle) => boolean,
  ): Promise<readonly CatalogueTitle[]> {
    const found: CatalogueTitle[] = []
    for (const one of await this.#named(type)) {
      if (found.length >= most) break
      if (one.plain.includes(plain) && isAllowed(one.title)) found.push(one.title)
    }
    return found
  }

  async #named(type: string): Promise<readonly Named[]> {
    const local = this.#local()
    // However many ask at once, it is made once.
    if (this.#made?.of !== local) this.#made = { of: local, byType: byType(local) }
    return (await this.#made.byType).get(type) ?? []
  }
}

/** Others have their turns meanwhile. */
async function byType(local: Titles): Promise<ReadonlyMap<string, Named[]>> {
  const types = new Map<string, Named[]>()
  const pause = createEventLoopYield()
  for (const title of local.values()) {
    const paused = pause()
    if (paused) await paused
    if (!isFreeLicence(title.licence)) continue
    const named = types.get(title.type) ?? []
    named.push({ title, plain: plainName(title.name) })
    types.set(title.type, named)
  }
  return types
}
