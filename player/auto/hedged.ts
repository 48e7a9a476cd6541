/** A try: resolves when it plays. Its signal fires when another was faster or the viewer has gone. */
export type Attempt = (end: AbortSignal) => Promise<void>

/**
 * Starts the attempts one after the other: the next when the last has kept its viewer waiting for so
 * long, or when all that run have failed. Gives the place of the first that plays; the others are
 * ended and waited for, so nothing of them is left behind.
 * @throws what the first try threw, when none plays; the signal's reason when it fires
 */
export async function firstToPlay(
  attempts: readonly Attempt[],
  { hedgeDelayMs, signal }: { readonly hedgeDelayMs: number; readonly signal: AbortSignal },
): Promise<number> {
  const end = new AbortController()
  const stop = () => end.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const won = Promise.withResolvers<number>()
  const failures = new Map<number, unknown>()
  const running: Promise<void>[] = []
  let timer: NodeJS.Timeout | undefined

  function next(): void {
    clearTimeout(timer)
    const place = running.length
    const attempt = attempts[place]
    if (!attempt || end.signal.aborted) return
    timer = setTimeout(next, hedgeDelayMs)
    const work = attempt(end.signal).then(
      () => won.resolve(place),
      (error: unknown) => {
        failures.set(place, error)
        if (failures.size === attempts.length) won.reject(failures.get(0))
        else if (failures.size === running.length) next()
      },
    )
    running.push(work)
  }

  const gone = Promise.withResolvers<never>()
  end.signal.addEventListener('abort', () => gone.reject(end.signal.reason), { once: true })
  gone.promise.catch(() => {})
  try {
    if (end.signal.aborted) throw end.signal.reason
    next()
    return await Promise.race([won.promise, gone.promise])
  } catch (error) {
    // At the deadline: why the best did not play, if it said so.
    throw signal.aborted && failures.has(0) ? failures.get(0) : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    end.abort(new Error('another source was faster'))
    await Promise.all(running)
  }
}
