/** Plays that run here and that another node sends, by their path and query. */
export class HandedPlays {
  readonly #nodes = new Map<string, string[]>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** @returns to be called when it is over; safe to call twice */
  began(target: string, node: string): () => void {
    const nodes = this.#nodes.get(target) ?? []
    nodes.push(node)
    this.#nodes.set(target, nodes)
    this.#count++
    let over = false
    return () => {
      if (over) return
      over = true
      this.#count--
      nodes.splice(nodes.indexOf(node), 1)
      if (nodes.length === 0) this.#nodes.delete(target)
    }
  }

  /** Who sends it; the last one that was asked. */
  nodeOf(target: string): string | undefined {
    return this.#nodes.get(target)?.at(-1)
  }
}
