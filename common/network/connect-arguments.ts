import type { LookupFunction } from 'node:net'

/**
 * The options of `Socket.connect` that matter here, as net.connect, tls, http and undici pass them.
 */
export interface ConnectOptions {
  readonly host?: string
  readonly port?: number | string
  readonly path?: string
  readonly lookup?: LookupFunction | null
}

interface ConnectArguments {
  /** Undefined for the path of a pipe, and for arguments that node itself refuses. */
  readonly options: ConnectOptions | undefined
  readonly callback: (() => void) | undefined
}

/** Reads the arguments of `Socket.connect` in all their forms. */
export function connectArguments(args: readonly unknown[]): ConnectArguments {
  const [first] = args
  // net.connect hands over one array: [options, callback].
  const [head, ...rest] = Array.isArray(first) ? first : args
  const callback = rest.findLast((one) => typeof one === 'function')
  return { options: optionsOf(head, rest[0]), callback }
}

function optionsOf(head: unknown, next: unknown): ConnectOptions | undefined {
  if (typeof head === 'object' && head !== null) return head
  if (typeof head !== 'number' && typeof head !== 'string') return undefined
  if (!(Number(head) >= 0)) return undefined
  return { port: head, ...(typeof next === 'string' && { host: next }) }
}
