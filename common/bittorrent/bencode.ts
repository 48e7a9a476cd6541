import { ValidationError } from './validation-error.ts'

/**
 * A bencoded value (BEP 3). Strings are views of the bytes that were read. The keys of a dictionary
 * are bytes too: here each byte is one latin1 character.
 */
export type Bencoded = number | Uint8Array | readonly Bencoded[] | BencodedDict
export type BencodedDict = ReadonlyMap<string, Bencoded>

/** More than any real file needs; they limit recursion and memory for a hostile one. */
const MAX_DEPTH = 32
const MAX_VALUES = 100_000

const E = 0x65
const DIGITS_OF_LENGTH = 10
const DIGITS_OF_NUMBER = 17

export interface BencodeSpan {
  readonly value: Bencoded
  /**
   * The exact bytes of each value of the outermost dictionary: the info hash is their SHA-1 (BEP
   * 3).
   */
  readonly spans: ReadonlyMap<string, Uint8Array>
}

/**
 * Parses exactly one value (BEP 3). Numbers must be canonical and safe integers. Keys may be
 * unsorted or doubled: the last one counts, as in webtorrent, which parses the same bytes.
 * @throws ValidationError for anything else
 */
export function decodeBencode(bytes: Uint8Array): BencodeSpan {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (reader.at !== bytes.length) throw new ValidationError('The file goes on after its end.')
  return { value, spans: reader.spans }
}

class Reader {
  readonly spans = new Map<string, Uint8Array>()
  readonly #bytes: Uint8Array
  at = 0
  #values = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  value(depth: number): Bencoded {
    if (depth > MAX_DEPTH) throw new ValidationError('The file is nested too deeply.')
    if (++this.#values > MAX_VALUES) throw new ValidationError('The file holds too many values.')
    switch (this.#bytes[this.at]) {
      case 0x69:
        return this.#number()
      case 0x6c:
        return this.#list(depth)
      case 0x64:
        return this.#dict(depth)
      default:
        return this.#string()
    }
  }

  #number(): number {
    this.at++
    const text = this.#until(E, DIGITS_OF_NUMBER)
    const value = Number(text)
    if (!/^(0|-?[1-9]\d*)$/.test(text) || !Number.isSafeInteger(value)) {
      throw new ValidationError('The file holds a number that cannot be read.')
    }
    return value
  }

  #string(): Uint8Array {
    const first = this.#bytes[this.at]
    if (first !== undefined && (first < 0x30 || first > 0x39)) {
      throw new ValidationError('The file is not bencoded.')
    }
    const text = this.#until(0x3a, DIGITS_OF_LENGTH)
    if (!/^(0|[1-9]\d*)$/.test(text)) throw new ValidationError('The file is not bencoded.')
    const end = this.at + Number(text)
    if (end > this.#bytes.length) throw new ValidationError('The file ends too early.')
    const value = this.#bytes.subarray(this.at, end)
    this.at = end
    return value
  }

  #list(depth: number): Bencoded[] {
    this.at++
    const values: Bencoded[] = []
    while (!this.#ended()) values.push(this.value(depth + 1))
    return values
  }

  #dict(depth: number): Map<string, Bencoded> {
    this.at++
    const values = new Map<string, Bencoded>()
    while (!this.#ended()) {
      const key = plainKey(this.#string())
      const start = this.at
      values.set(key, this.value(depth + 1))
      if (depth === 0) this.spans.set(key, this.#bytes.subarray(start, this.at))
    }
    return values
  }

  #ended(): boolean {
    if (this.at >= this.#bytes.length) throw new ValidationError('The file ends too early.')
    if (this.#bytes[this.at] !== E) return false
    this.at++
    return true
  }

  /** The characters before the byte `mark`, at most `max` of them; moves past the mark. */
  #until(mark: number, max: number): string {
    const limit = Math.min(this.#bytes.length, this.at + max + 1)
    let text = ''
    for (let i = this.at; i < limit; i++) {
      const byte = this.#bytes[i] ?? 0
      if (byte === mark) {
        this.at = i + 1
        return text
      }
      text += String.fromCharCode(byte)
    }
    throw new ValidationError(
      limit === this.#bytes.length ? 'The file ends too early.' : 'The file is not bencoded.',
    )
  }
}

/**
 * Refuses keys that webtorrent would read as another key: its parser drops a byte order mark, and
 * `__proto__` sets the prototype of its object. Either could hide a second `length` or `files` from
 * our validation.
 */
function plainKey(bytes: Uint8Array): string {
  const key = Buffer.from(bytes).toString('latin1')
  if (key === '__proto__' || key.includes('\u00ef\u00bb\u00bf')) {
    throw new ValidationError('The file holds a key that not all programs read alike.')
  }
  return key
}

const UTF8 = new TextDecoder()

/** The value as this type; undefined when it has another. */
export const asDict = (value: Bencoded | undefined): BencodedDict | undefined =>
  value instanceof Map ? value : undefined
export const asList = (value: Bencoded | undefined): readonly Bencoded[] | undefined =>
  Array.isArray(value) ? value : undefined
export const asBytes = (value: Bencoded | undefined): Uint8Array | undefined =>
  value instanceof Uint8Array ? value : undefined
export const asText = (value: Bencoded | undefined): string | undefined =>
  value instanceof Uint8Array ? UTF8.decode(value) : undefined
export const asNumber = (value: Bencoded | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Encodes one string. */
export const bencodeText = (text: string): string => `${Buffer.byteLength(text)}:${text}`
