/** What all connections together may hold of bytes that nobody could take yet. */
export class ReceiveMemory {
  #free: number

  constructor(bytes: number) {
    this.#free = bytes
  }

  get free(): number {
    return this.#free
  }

  /** False when there is no room. */
  take(bytes: number): boolean {
    if (bytes > this.#free) return false
    this.#free -= bytes
    return true
  }

  give(bytes: number): void {
    this.#free += bytes
  }
}
