const SPAN_MS = 1000
/** Peers that send nothing for so long, although something is wanted, are of no use now. */
const SILENT_MS = 4000

/** Bytes a second over the last second or so. Times in steady milliseconds. */
export class DownloadSpeed {
  #bytesPerSecond = 0
  #bytes = 0
  #since: number
  #lastAt = Number.NEGATIVE_INFINITY

  constructor(start = performance.now()) {
    this.#since = start
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Whether bytes came within the last seconds. */
  moves(now: number): boolean {
    return now - this.#lastAt < SILENT_MS
  }

  add(bytes: number, now: number): void {
    if (bytes > 0) this.#lastAt = now
    this.#bytes += bytes
    const span = now - this.#since
    if (span < SPAN_MS) return
    this.#bytesPerSecond = Math.round((this.#bytes * 1000) / span)
    this.#bytes = 0
    this.#since = now
  }
}
