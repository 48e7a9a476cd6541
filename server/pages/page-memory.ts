import { LRUCache } from 'lru-cache'

/** Some hundred pages: what viewers of one server choose, and a stranger's Host headers beside it. */
const MOST_CHARACTERS = 4_000_000

/**
 * Pages that were made, by everything they are made of: the same request never costs a page twice
 * while it is remembered. The one that nobody asked for longest goes first.
 */
export class PageMemory {
  readonly #pages = new LRUCache<string, string>({
    maxSize: MOST_CHARACTERS,
    sizeCalculation: (page, name) => page.length + name.length,
  })

  /** @param madeOf all that the page shows and another request might change */
  page(madeOf: readonly unknown[], make: () => string): string {
    const name = JSON.stringify(madeOf)
    const known = this.#pages.get(name)
    if (known !== undefined) return known
    const page = make()
    this.#pages.set(name, page)
    return page
  }
}
