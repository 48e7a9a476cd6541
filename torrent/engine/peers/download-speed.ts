const SPAN_MS = 1000

/** Bytes a second over the last second or so. Times in steady milliseconds. */
export class DownloadSpeed {
  #bytesPerSecond = 0
  #bytes = 0
  #since: number

  constructor(start = performance.now()) {
    this.#since = start
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  add(bytes: number, now: number): void {
    this.#bytes += bytes
    const span = now - this.#since
    if (span < SPAN_MS) return
    this.#bytesPerSecond = Math.round((this.#bytes * 1000) / span)
    this.#bytes = 0
    this.#since = now
  }
}
