import { Owners } from '../../../common/permits/owners.ts'
import { type Title, titleId } from '../../../common/title.ts'

interface Asked {
  readonly owners: Owners
  uses: number
}

/** The addresses that wait for what is asked about each title, however many questions that takes. */
export class TitleAskers {
  readonly #titles = new Map<string, Asked>()

  /** Until what comes back is called, once, the title's addresses are remembered. */
  use(title: Title, address?: string): () => void {
    const id = titleId(title)
    const asked = this.#titles.get(id) ?? { owners: new Owners(), uses: 0 }
    this.#titles.set(id, asked)
    asked.uses++
    this.join(title, address)
    return () => {
      if (--asked.uses === 0) this.#titles.delete(id)
    }
  }

  /** One more waits for what is asked already. It stays so when it leaves: its question goes on. */
  join(title: Title, address: string | undefined): void {
    const owners = this.#titles.get(titleId(title))?.owners
    if (address !== undefined && owners?.has(address) === false) owners.add(address)
  }

  /** Nobody, where nobody is counted. */
  of(title: Title): Owners {
    return this.#titles.get(titleId(title))?.owners ?? new Owners()
  }
}
