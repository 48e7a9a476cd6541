/** Bytes a second over the last second or so. Times in steady milliseconds. */
export interface DownloadSpeed {
  readonly bytesPerSecond: number
  add(bytes: number, now: number): void
}

const SPAN_MS = 1000

export function createDownloadSpeed(start = performance.now()): DownloadSpeed {
  let bytesPerSecond = 0
  let bytes = 0
  let since = start
  return {
    get bytesPerSecond() {
      return bytesPerSecond
    },
    add(more, now) {
      bytes += more
      const span = now - since
      if (span < SPAN_MS) return
      bytesPerSecond = Math.round((bytes * 1000) / span)
      bytes = 0
      since = now
    },
  }
}
