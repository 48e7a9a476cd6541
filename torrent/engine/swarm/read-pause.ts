/** No pause lasts longer, in milliseconds: a disk that hangs must not keep connections from being read. */
const MOST_MS = 25

/**
 * Keeps this process from reading its connections for a moment. Each turn of the event loop reads some megabytes from
 * a fast line, which are put together and hashed. The piece that a viewer waits for needs some turns after its last
 * block: for its room, its bytes on disk, and to be told of. What a line brings meanwhile stays with the system.
 */
export class ReadPause {
  readonly #mostMs: number
  readonly #pauses = new Set<object>()
  readonly #waiting = new Set<() => void>()

  constructor(mostMs = MOST_MS) {
    this.#mostMs = mostMs
  }

  get isPaused(): boolean {
    return this.#pauses.size > 0
  }

  /** Begins one, until what comes back is called or it has lasted for long enough. */
  begin(): () => void {
    const own = {}
    this.#pauses.add(own)
    const release = (): void => {
      clearTimeout(timer)
      if (this.#pauses.delete(own) && !this.isPaused) this.#over()
    }
    const timer = setTimeout(release, this.#mostMs)
    return release
  }

  /** Called once, when none is left. */
  whenOver(readOn: () => void): void {
    this.#waiting.add(readOn)
  }

  #over(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const readOn of waiting) readOn()
  }
}

/** All connections of the process read into one buffer, one after the other. */
export const readPause = new ReadPause()
