/** How the error of a call that took too long begins. */
export const NO_ANSWER = 'no answer within'

export interface TimeLimits {
  readonly slowMs: number
  readonly timeoutMs: number
  /** Called once when the promise takes longer than `slowMs`. */
  readonly onSlow: () => void
}

/**
 * The promise's outcome, or an error after `timeoutMs`. When this process was busy, an answer that came
 * in time may still wait in the socket. So a timer that has fired lets the sockets be read first: Node
 * runs timers before it reads sockets, and immediates after that.
 * @throws Error `no answer within ... ms`, and what the promise rejects with
 */
export function settleInTime<T>(promise: Promise<T>, limits: TimeLimits): Promise<T> {
  const { slowMs, timeoutMs, onSlow } = limits
  return new Promise((resolve, reject) => {
    let settled = false
    let timer: NodeJS.Timeout | undefined
    const after = (ms: number, then: () => void): void => {
      timer = setTimeout(() => setImmediate(() => settled || then()), ms)
    }
    const settle = (outcome: () => void): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      outcome()
    }
    after(slowMs, () => {
      onSlow()
      after(timeoutMs - slowMs, () =>
        settle(() => reject(new Error(`${NO_ANSWER} ${timeoutMs} ms`))),
      )
    })
    promise.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    )
  })
}
