import { atOnce, type Steps } from './steps.ts'
import { ValidationError } from './validation-error.ts'

/**
 * A bencoded value (BEP 3). Strings are views of the bytes that were read. The keys of a dictionary
 * are bytes too: here each byte is one latin1 character.
 */
export type Bencoded = number | Uint8Array | readonly Bencoded[] | BencodedDict
export type BencodedDict = ReadonlyMap<string, Bencoded>

/**
 * They limit recursion, memory and time for a hostile file: a list of 10,000 files has 60,000 values,
 * one with hashes and both kinds of paths twice as many. BEP 52 puts a folder one level deeper.
 */
const MAX_DEPTH = 64
const MAX_VALUES = 200_000
const VALUES_A_STEP = 2000

const [E, I, D, L] = [0x65, 0x69, 0x64, 0x6c] as const
const [ZERO, NINE, MINUS, DOT, COLON] = [0x30, 0x39, 0x2d, 0x2e, 0x3a] as const
const DIGITS_OF_LENGTH = 10
/** As many as 64 bits need: some writers count nanoseconds. */
const DIGITS_OF_NUMBER = 20
/** Of the digits behind a point, which are dropped. */
const DIGITS_OF_FRACTION = 20

export interface BencodeSpan {
  readonly value: Bencoded
  /**
   * The exact bytes of each value of the outermost dictionary: the info hash is their SHA-1 (BEP
   * 3).
   */
  readonly spans: ReadonlyMap<string, Uint8Array>
  /** Where the value ends. */
  readonly end: number
}

/**
 * Parses exactly one value (BEP 3). Numbers must be canonical; one that is no safe integer counts as the
 * nearest that is, and what some writers put behind a point (`i1700000000.25e`) is dropped. Keys may be unsorted, doubled (the first one counts,
 * as in libtorrent and Transmission) and any bytes. Line ends and blanks behind the value count as
 * nothing.
 * @param behind what else stands behind it: scripts of trackers and indexers add to what they send, and
 *   other clients read on to the end of the value only
 * @throws ValidationError for anything else
 */
export const decodeBencode = (bytes: Uint8Array, behind?: 'ignored'): BencodeSpan =>
  atOnce(bencodeSteps(bytes, behind))

/** The same in steps of less than a millisecond. */
export function* bencodeSteps(bytes: Uint8Array, behind?: 'ignored'): Steps<BencodeSpan> {
  const reader = new Reader(bytes)
  while (!reader.read(VALUES_A_STEP)) yield
  const { end } = reader
  if (!behind && !reader.isAtEnd) throw new ValidationError('The file goes on after its end.')
  return { value: reader.value, spans: reader.spans, end }
}

/** The dictionary that the bytes are; undefined when they are anything else. @param behind as of decodeBencode */
export function decodeDict(bytes: Uint8Array, behind?: 'ignored'): BencodedDict | undefined {
  try {
    return asDict(decodeBencode(bytes, behind).value)
  } catch {
    return undefined
  }
}

/** A list or dictionary whose end has not come. */
interface Open {
  readonly value: Bencoded[] | Map<string, Bencoded>
  /** Of a dictionary: the key of the value that is read, and where that value begins. */
  key: string
  start: number
}

class Reader {
  readonly spans = new Map<string, Uint8Array>()
  /** What was read, when all of it was. */
  value: Bencoded = 0
  readonly #bytes: Buffer
  /** The outermost first. */
  readonly #open: Open[] = []
  #at = 0
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bufferOf(bytes)
  }

  /** So many bytes have been read. */
  get end(): number {
    return this.#at
  }

  /** Nothing is left but white space. */
  get isAtEnd(): boolean {
    while (WHITE.has(this.#bytes[this.#at] ?? 0)) this.#at++
    return this.#at === this.#bytes.length
  }

  /** Goes on for so many values; true when all is read. */
  read(values: number): boolean {
    for (let n = 0; n < values; n++) if (this.#readOne()) return true
    return false
  }

  /** A value, the beginning of a list or dictionary, or the end of one. */
  #readOne(): boolean {
    const open = this.#open.at(-1)
    if (open) {
      if (this.#ended()) {
        this.#open.pop()
        return this.#put(open.value)
      }
      if (open.value instanceof Map) open.key = this.#latin1(this.#stringStart())
      open.start = this.#at
    }
    if (this.#open.length > MAX_DEPTH) throw new ValidationError('The file is nested too deeply.')
    if (++this.#values > MAX_VALUES) throw new ValidationError('The file holds too many values.')
    const kind = this.#bytes[this.#at]
    if (kind !== L && kind !== D) return this.#put(kind === I ? this.#number() : this.#string())
    this.#at++
    this.#open.push({ value: kind === L ? [] : new Map(), key: '', start: 0 })
    return false
  }

  /** Puts it where it belongs; true when that is nowhere, because it is the outermost. */
  #put(value: Bencoded): boolean {
    const open = this.#open.at(-1)
    if (!open) this.value = value
    else if (Array.isArray(open.value)) open.value.push(value)
    else if (!open.value.has(open.key)) {
      open.value.set(open.key, value)
      if (this.#open.length > 1) return false
      this.spans.set(open.key, this.#bytes.subarray(open.start, this.#at))
    }
    return open === undefined
  }

  #number(): number {
    this.#at++
    const isNegative = this.#bytes[this.#at] === MINUS
    if (isNegative) this.#at++
    const value = this.#digits(DIGITS_OF_NUMBER)
    if (this.#bytes[this.#at] === DOT) this.#skipFraction()
    if (this.#at >= this.#bytes.length) throw new ValidationError('The file ends too early.')
    const isWrong = value === undefined || (isNegative && value === 0)
    if (isWrong || this.#bytes[this.#at++] !== E) {
      throw new ValidationError('The file holds a number that cannot be read.')
    }
    const counted = Math.min(value, Number.MAX_SAFE_INTEGER)
    return isNegative ? -counted : counted
  }

  #skipFraction(): void {
    this.#at++
    for (let digits = 0; digits < DIGITS_OF_FRACTION && this.#isDigit; digits++) this.#at++
  }

  #string(): Buffer {
    const start = this.#stringStart()
    return this.#bytes.subarray(start, this.#at)
  }

  /** Moves behind the string; answers where its bytes begin. */
  #stringStart(): number {
    const length = this.#digits(DIGITS_OF_LENGTH)
    if (this.#at >= this.#bytes.length) throw new ValidationError('The file ends too early.')
    if (length === undefined || this.#bytes[this.#at] !== COLON) {
      throw new ValidationError('The file is not bencoded.')
    }
    const start = this.#at + 1
    if (start + length > this.#bytes.length) throw new ValidationError('The file ends too early.')
    this.#at = start + length
    return start
  }

  #latin1(start: number): string {
    return this.#bytes.toString('latin1', start, this.#at)
  }

  #ended(): boolean {
    if (this.#at >= this.#bytes.length) throw new ValidationError('The file ends too early.')
    if (this.#bytes[this.#at] !== E) return false
    this.#at++
    return true
  }

  get #isDigit(): boolean {
    const byte = this.#bytes[this.#at] ?? 0
    return byte >= ZERO && byte <= NINE
  }

  /** The number here, moving behind it; undefined without one, with too many digits or a leading zero. */
  #digits(max: number): number | undefined {
    const start = this.#at
    let value = 0
    for (; this.#isDigit && this.#at - start < max; this.#at++) {
      value = value * 10 + ((this.#bytes[this.#at] ?? 0) - ZERO)
    }
    const count = this.#at - start
    return count === 0 || this.#isDigit || (count > 1 && this.#bytes[start] === ZERO)
      ? undefined
      : value
  }
}

/** Blank, tab and line ends: what editors and servers put behind a file. */
const WHITE = new Set([0x20, 0x09, 0x0a, 0x0d])

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The value as this type; undefined when it has another. */
export const asDict = (value: Bencoded | undefined): BencodedDict | undefined =>
  value instanceof Map ? value : undefined
export const asList = (value: Bencoded | undefined): readonly Bencoded[] | undefined =>
  Array.isArray(value) ? value : undefined
export const asBytes = (value: Bencoded | undefined): Uint8Array | undefined =>
  value instanceof Uint8Array ? value : undefined
export const asText = (value: Bencoded | undefined): string | undefined =>
  value instanceof Uint8Array ? bufferOf(value).toString('utf8') : undefined
export const asNumber = (value: Bencoded | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Encodes one string. */
export const bencodeText = (text: string): string => `${Buffer.byteLength(text)}:${text}`
