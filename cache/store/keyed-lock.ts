/** Runs the tasks of one name one after another; different names do not wait for each other. */
export interface KeyedLock {
  /** Resolves or rejects as the task does; a failed task does not stop the ones behind it. */
  run<T>(name: string, task: () => Promise<T>): Promise<T>
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>
}

export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>()

  function run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const result = (tails.get(name) ?? Promise.resolve()).then(task)
    const tail = result.then(
      () => undefined,
      () => undefined,
    )
    tails.set(name, tail)
    // The map holds names in use only.
    void tail.then(() => {
      if (tails.get(name) === tail) tails.delete(name)
    })
    return result
  }

  async function idle(): Promise<void> {
    while (tails.size > 0) await Promise.all(tails.values())
  }

  return { run, idle }
}
