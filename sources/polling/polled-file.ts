import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createPoller, type Poller } from './poller.ts'

export interface PolledFileOptions {
  /** Absolute. */
  readonly path: string
  readonly pollMs?: number | undefined
  /** The whole file, when it has changed. When that throws, what was taken before counts. */
  take(text: string): void | Promise<void>
  /** A poll came to nothing. `before`: why the one before did; undefined: it did not. */
  failed(error: unknown, before: unknown): void
}

const POLL_MS = 5000
const DEBOUNCE_MS = 250
const MAX_BYTES = 16 * 1024 * 1024

/** A file of the operator's that is read again whenever it changes. */
export class PolledFile {
  readonly #options: PolledFileOptions
  /** Differs when the file was changed; undefined when it could not be read the last time. */
  #version: string | undefined
  #failure: unknown
  #poller: Poller | undefined
  #polling: Promise<void> = Promise.resolve()

  constructor(options: PolledFileOptions) {
    this.#options = options
  }

  /** @throws what reading it throws, an Error where it has more than 16 MiB, and what `take` throws */
  async read(): Promise<void> {
    const { path, take } = this.#options
    const { mtimeMs, size, ino } = await stat(path)
    const version = `${mtimeMs}:${size}:${ino}`
    if (version !== this.#version) {
      if (size > MAX_BYTES) throw new Error('larger than 16 MiB')
      await take(await readFile(path, 'utf8'))
    }
    this.#version = version
    this.#failure = undefined
  }

  /** Never rejects. */
  poll(): Promise<void> {
    this.#polling = this.read().catch((error: unknown) => {
      this.#options.failed(error, this.#failure)
      this.#version = undefined
      this.#failure = error
    })
    return this.#polling
  }

  /** From now on. */
  watch(): void {
    const { path, pollMs = POLL_MS } = this.#options
    this.#poller = createPoller({
      folder: dirname(path),
      pollMs: () => pollMs,
      debounceMs: DEBOUNCE_MS,
      poll: () => this.poll(),
    })
  }

  async close(): Promise<void> {
    this.#poller?.close()
    await this.#polling
  }
}
