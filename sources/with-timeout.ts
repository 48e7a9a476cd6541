/**
 * The work's result; rejects with an Error after `ms`, or when `outer` fires. Then the signal that
 * `work` was given fires too, but work that ignores it is not waited for.
 */
export async function withTimeout<T>(
  ms: number,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController()
  let end: (reason: Error) => void = () => undefined
  const ended = new Promise<never>((_, reject) => {
    end = (reason) => {
      inner.abort(reason)
      reject(reason)
    }
  })
  const timer = setTimeout(() => end(new Error(`no answer within ${ms} ms`)), ms)
  const onAbort = (): void => end(new Error('the look-up was given up'))
  outer.addEventListener('abort', onAbort, { once: true })
  if (outer.aborted) onAbort()
  try {
    return await Promise.race([ended, work(inner.signal)])
  } finally {
    clearTimeout(timer)
    outer.removeEventListener('abort', onAbort)
  }
}
