/**
 * Runs a task for every item of a list, at most `concurrency` at once.
 * @throws the error of a task that failed; no new task starts then, and the running ones have ended
 */
export async function inParallel<T>(
  list: readonly T[],
  concurrency: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const items = list.values()
  let failed = false
  async function work(): Promise<void> {
    for (const item of items) {
      if (failed) return
      await task(item).catch((error: unknown) => {
        failed = true
        throw error
      })
    }
  }
  const done = await Promise.allSettled(Array.from({ length: concurrency }, work))
  const bad = done.find((each) => each.status === 'rejected')
  if (bad) throw bad.reason
}
