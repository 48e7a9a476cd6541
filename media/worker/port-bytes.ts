import type { MessagePort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './protocol.ts'

/** Read at once where less is asked for: every read is a message there and back. */
const BLOCK = 128 << 10

type Range = Omit<Extract<FromWorker, { kind: 'read' }>, 'kind'>

interface Block {
  readonly start: number
  readonly bytes: Uint8Array
}

/** The bytes of the file of one job, asked of the main thread. One read at a time. */
export class PortBytes {
  readonly #port: MessagePort
  readonly #size: number
  #last: Block = { start: 0, bytes: new Uint8Array() }
  #queue: Promise<unknown> = Promise.resolve()
  #settle: ((bytes: Uint8Array | undefined) => void) | undefined

  constructor(port: MessagePort, size: number) {
    this.#port = port
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  /** As ReadPart says. */
  readonly read = (start: number, end: number, until = end): Promise<Uint8Array> => {
    const most = this.#size
    const read = this.#queue.then(() =>
      this.#read(start, Math.min(end, most), Math.min(until, most)),
    )
    this.#queue = read.catch(() => undefined)
    return read
  }

  /** Exactly these, if all of them are there now. @param end not included */
  readonly tryRead = (start: number, end: number): Promise<Uint8Array | undefined> => {
    const until = Math.min(end, this.#size)
    const read = this.#queue.then(async () => {
      if (start < 0 || start >= until) return undefined
      const bytes = await this.#ask({ start, end: until, until, isWaiting: false })
      return bytes.length === until - start ? bytes : undefined
    })
    this.#queue = read.catch(() => undefined)
    return read
  }

  take(answer: Extract<ToWorker, { bytes: unknown }>): void {
    this.#settle?.(answer.bytes)
    this.#settle = undefined
  }

  async #read(start: number, wanted: number, until: number): Promise<Uint8Array> {
    const { start: at, bytes } = this.#last
    if (start >= at && wanted <= at + bytes.length) return bytes.slice(start - at, wanted - at)
    const end = Math.min(Math.max(wanted, start + BLOCK), this.#size)
    const got = await this.#ask({ start, end, until: Math.max(until, end), isWaiting: true })
    if (got.length !== end - start) throw new Error('the bytes could not be read')
    this.#last = { start, bytes: got }
    return got.slice(0, wanted - start)
  }

  async #ask(range: Range): Promise<Uint8Array> {
    this.#port.postMessage({ kind: 'read', ...range } satisfies FromWorker)
    const got = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#settle = resolve
    })
    if (!got) throw new Error('the bytes could not be read')
    return got
  }
}
