/** What one reply may take; the largest of ours are 500 entries or one value of 4 MiB. */
const MOST_REPLY_BYTES = 16 * 2 ** 20
/** Digits in the length of an array: ours have 5,000 items, and ioredis makes room for all of them at once. */
const MOST_ARRAY_DIGITS = 5
const MOST_BULK_DIGITS = 8
/** Arrays within arrays; ours, and those of CLUSTER SLOTS, have four. */
const MOST_DEPTH = 8

const CR = 13
const LF = 10
const MINUS = 45
const ZERO = 48
const BLANK = 32
const typeOf = (text: string): number => text.charCodeAt(0)
const ARRAY = typeOf('*')
const BULK = typeOf('$')
const LINES = ['+', '-', ':'].map(typeOf)

/**
 * Follows the replies of one connection (RESP2, https://redis.io/docs/latest/develop/reference/protocol-spec/),
 * and finds where they become more than any answer to us is. ioredis has no bounds: eleven bytes that announce
 * an array of thirty million items take 240 MB.
 */
export class ReplyGuard {
  /** Items that the arrays around still lack, the outermost first. */
  readonly #open: number[] = []
  #at: 'type' | 'line' | 'array length' | 'bulk length' | 'bulk' = 'type'
  #digits = 0
  #number = 0
  #isNegative = false
  /** Of the running bulk and the line end behind it. */
  #bulkLeft = 0
  #bytes = 0

  /**
   * Reads the next bytes.
   * @param expected how many replies are waited for
   * @returns where they are too much, as an offset in the chunk; undefined when all is well
   */
  next(chunk: Uint8Array, expected: number): number | undefined {
    let replies = 0
    for (let i = 0; i < chunk.length; ) {
      if (this.#at === 'type' && this.#open.length === 0) {
        this.#bytes = 0
        if (++replies > expected) return i
      }
      const begin = i
      const end = this.#step(chunk, i)
      if (end === undefined) return begin
      i = end
      this.#bytes += end - begin
      if (this.#bytes > MOST_REPLY_BYTES) return begin
    }
    return undefined
  }

  /** Reads on as far as one state goes. Undefined: too much. */
  #step(chunk: Uint8Array, from: number): number | undefined {
    if (this.#at === 'bulk') {
      const taken = Math.min(this.#bulkLeft, chunk.length - from)
      this.#bulkLeft -= taken
      if (this.#bulkLeft === 0) this.#ended()
      return from + taken
    }
    if (this.#at === 'line') {
      const end = chunk.indexOf(LF, from)
      if (end < 0) return chunk.length
      this.#ended()
      return end + 1
    }
    const byte = chunk[from] ?? 0
    const isFine = this.#at === 'type' ? this.#type(byte) : this.#length(byte)
    return isFine ? from + 1 : undefined
  }

  #type(byte: number): boolean {
    this.#digits = 0
    this.#number = 0
    this.#isNegative = false
    if (byte === ARRAY) this.#at = 'array length'
    else if (byte === BULK) this.#at = 'bulk length'
    else if (LINES.includes(byte)) this.#at = 'line'
    else return false
    return true
  }

  #length(byte: number): boolean {
    if (byte === CR) return true
    if (byte === LF) return this.#lengthEnded()
    if (byte === MINUS && this.#digits === 0) {
      this.#isNegative = true
      return true
    }
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) return false
    this.#number = this.#number * 10 + digit
    return ++this.#digits <= (this.#at === 'bulk length' ? MOST_BULK_DIGITS : MOST_ARRAY_DIGITS)
  }

  #lengthEnded(): boolean {
    const isArray = this.#at === 'array length'
    // None at all (-1), or an empty array.
    if (this.#isNegative || (isArray && this.#number === 0)) {
      this.#ended()
      return true
    }
    if (!isArray) {
      this.#at = 'bulk'
      this.#bulkLeft = this.#number + 2
      return true
    }
    this.#open.push(this.#number)
    this.#at = 'type'
    return this.#open.length <= MOST_DEPTH
  }

  /** One item is whole, and with it perhaps the arrays around it. */
  #ended(): void {
    this.#at = 'type'
    for (let last = this.#open.pop(); last !== undefined; last = this.#open.pop()) {
      if (last > 1) return void this.#open.push(last - 1)
    }
  }
}

/** Ends a chunk where it is too much: a length that has begun ends, and nothing that means anything follows. */
export function cutAt(chunk: Uint8Array, at: number): void {
  chunk.fill(BLANK, at)
  if (at < chunk.length) chunk[at] = CR
  if (at + 1 < chunk.length) chunk[at + 1] = LF
}
