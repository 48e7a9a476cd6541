/** What a gateway answers to a request for a mapping. */
export interface Mapping {
  readonly externalPort: number
  /** Seconds until it is forgotten. */
  readonly lifetime: number
}

/** The gateway answered, and gives no mapping; or it does not answer. */
export class MappingRefused extends Error {
  override readonly name = 'MappingRefused'
}

/** How the gateway is reached. */
export interface GatewayLine {
  readonly gateway: string
  /** Our own address on the way there; undefined: any. */
  readonly by: string | undefined
  /** It is that of the default route: what is looked for may be looked for on its whole network. */
  readonly isAuto: boolean
}

export interface AskedMapping {
  readonly port: number
  readonly externalPort: number
  /** Seconds; 0 removes the mapping. */
  readonly lifetime: number
  /** Ends the wait; undefined for what has to be taken back. */
  readonly signal: AbortSignal | undefined
}

/** Undefined when it has not come in time, or the signal fires. */
export function within<T>(
  ms: number,
  answer: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve(undefined)
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    if (signal?.aborted) done()
    answer.then(resolve, reject).finally(done)
  })
}
