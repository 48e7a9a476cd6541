/** Less says nothing of a line. */
const LEAST_BYTES = 1_000_000
const LEAST_MS = 100

/** How fast the pieces of a download that is fetched whole came, from the first to the last so far. */
export class DownloadRate {
  #first: { readonly at: number; readonly bytes: number } | undefined
  #last = { at: 0, bytes: 0 }

  /** @param bytes on disk now. @param at on the steady clock */
  add(bytes: number, at: number): void {
    this.#first ??= { at, bytes }
    this.#last = { at, bytes }
  }

  /** Undefined while too little has come to tell. */
  get bytesPerSecond(): number | undefined {
    const { at, bytes } = this.#first ?? this.#last
    const [ms, came] = [this.#last.at - at, this.#last.bytes - bytes]
    return ms < LEAST_MS || came < LEAST_BYTES ? undefined : Math.round((came * 1000) / ms)
  }
}
