import { createHook } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

/** The longest time that one callback held the loop, everything it resolved at once included. */
export interface Hold {
  /** Milliseconds of this thread's own work. */
  readonly cpuMs: number
  /** What began it: the path of a request, else Node's name of what called back. */
  readonly what: string
}

const NONE: Hold = { cpuMs: 0, what: 'nothing' }
/** By which a test asks: what this costs is no work of the server. */
const ASKED = 'SIGNALWRAP'
/** They run at the end of the callback that made them, before the loop goes on. */
const CONTINUES = new Set(['PROMISE', 'TickObject', 'Microtask'])

/** Milliseconds of work of the calling thread. */
export function ownWork(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/**
 * Sees every callback of this thread begin and end. That makes promises, and everything else that calls
 * back, dearer: what makes thousands of them at once looks two or three times as long as it is.
 */
export class Holds {
  #longest = NONE
  #depth = 0
  #beganAt = ownWork()
  #began = 0
  #what = 'the start'
  /** Of asynchronous resources whose callback has not come yet. */
  readonly #types = new Map<number, string>()

  constructor() {
    createHook({
      init: (id, type) => void this.#types.set(id, type),
      before: (id) => this.#begin(id),
      after: () => this.#end(),
      destroy: (id) => void this.#types.delete(id),
      promiseResolve: (id) => void this.#types.delete(id),
    }).enable()
    subscribe('http.server.request.start', (message) => {
      const { request } = message as { readonly request: { readonly url: string } }
      // One parser reads all requests of a connection, several of them in a row.
      this.#start(request.url.slice(0, 40))
    })
  }

  /** The longest since it was asked last. */
  take(): Hold {
    const longest = this.#longest
    this.#longest = NONE
    return longest
  }

  #begin(id: number): void {
    if (this.#depth++ > 0) return
    const type = this.#types.get(id) ?? 'PROMISE'
    // A parser calls back several times for the parts of one message.
    if (CONTINUES.has(type) || (id === this.#began && type === 'HTTPINCOMINGMESSAGE')) return
    this.#began = id
    this.#start(type)
  }

  #start(what: string): void {
    this.#what = what
    this.#beganAt = ownWork()
  }

  #end(): void {
    this.#depth = Math.max(0, this.#depth - 1)
    if (this.#what === ASKED) return
    const cpuMs = ownWork() - this.#beganAt
    if (cpuMs > this.#longest.cpuMs) this.#longest = { cpuMs, what: this.#what }
  }
}
