/**
 * The work's result, or a rejection after `ms` or when `outer` fires, whichever comes first. Does not
 * wait for work that ignores its signal.
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
