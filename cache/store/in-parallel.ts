/**
 * Works through a list, `width` at a time.
 * @throws what a task throws first; no new ones are begun then, and the running ones have ended
 */
export async function inParallel<T>(
  list: readonly T[],
  width: number,
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
  const done = await Promise.allSettled(Array.from({ length: width }, work))
  const bad = done.find((each) => each.status === 'rejected')
  if (bad) throw bad.reason
}
