import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { Purpose } from './janitor.ts'

/** One open reservation. */
export interface Reserved {
  readonly key: FileKey
  readonly purpose: Purpose
  readonly bytes: number
  /** What it will want in the end, as far as it was promised. */
  readonly promised: number
}

/** The reservations of downloads that have not ended. */
export class Reservations {
  readonly #open = new Map<object, Reserved>()

  all(): readonly Reserved[] {
    return [...this.#open.values()]
  }

  /** As if `one` was this: what the limits are asked before it is. */
  allWith(one: object, wanted: Reserved): readonly Reserved[] {
    return [...new Map(this.#open).set(one, wanted).values()]
  }

  has(key: FileKey): boolean {
    for (const reserved of this.#open.values()) if (reserved.key === key) return true
    return false
  }

  get(one: object): Reserved | undefined {
    return this.#open.get(one)
  }

  set(one: object, reserved: Reserved): void {
    this.#open.set(one, reserved)
  }

  delete(one: object): void {
    this.#open.delete(one)
  }
}
