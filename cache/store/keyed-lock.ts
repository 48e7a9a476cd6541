/** One lock per name: tasks of one name run one after another, tasks of different names at once. */
export class KeyedLock {
  /** The end of the last task of each name. A name is in it only while a task of it runs or waits. */
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Settles as the task does. A failed task does not stop the tasks behind it. */
  run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(name) ?? Promise.resolve()).then(task)
    const tail = result.then(
      () => undefined,
      () => undefined,
    )
    this.#tails.set(name, tail)
    void tail.then(() => {
      if (this.#tails.get(name) === tail) this.#tails.delete(name)
    })
    return result
  }

  /** Resolves when no task runs or waits. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}
