import { setImmediate as nextTick } from 'node:timers/promises'
import { z } from 'zod'
import { ForeignNames } from './foreign-names.ts'

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const MAX_DEPTH = 64
/** Of one list; no reader takes more. The file list of a large item of the archive has 10,000. */
const MOST_ELEMENTS = 2000
/** Of what is built: some 10 ms of the parser. A name that is new costs it as much as these values. */
const MOST_VALUES = 60_000
const VALUES_OF_NEW_NAME = 5
const NAME_BYTES_OF_VALUE = 64
/** Looked at in one turn of the loop: 5 MB take 20 ms. */
const STEP_BYTES = 2 ** 20

/**
 * What is read of an answer: the first elements of each list, however long it is. Undefined when that
 * would hold the process: 5 MB of brackets take the parser seconds, millions of empty values a
 * gigabyte, and 200,000 different names most of a second. One pass that builds nothing.
 */
export async function readablePart(
  json: Buffer,
  mostElements = MOST_ELEMENTS,
): Promise<Buffer | undefined> {
  const scan = new JsonScan(json, mostElements)
  for (let end = STEP_BYTES; scan.isFewUpTo(end); end += STEP_BYTES) {
    if (end >= json.length) return scan.kept()
    await nextTick()
  }
  return undefined
}

/** Of JSON that may be none: what is not well-formed stays so, except in what is left out. */
class JsonScan {
  readonly #json: Buffer
  readonly #mostElements: number
  readonly #names = new ForeignNames()
  readonly #parts: Buffer[] = []
  /** By depth: whether a list is open there, and how many commas it has had. */
  readonly #isList: boolean[] = [false]
  readonly #commas: number[] = [0]
  #at = 0
  #depth = 0
  #values = 0
  /** The next text is the name of a member. */
  #nameNext = false
  /** Where what is kept goes on, and the depth of the list whose rest is left out. */
  #from = 0
  #leftOutAt = 0

  constructor(json: Buffer, mostElements: number) {
    this.#json = json
    this.#mostElements = mostElements
  }

  /** Goes on to that byte, and to the end of a text that lies across it. */
  isFewUpTo(most: number): boolean {
    const json = this.#json
    const end = Math.min(most, json.length)
    let at = this.#at
    for (; at < end; at++) {
      const byte = json[at]
      if (byte === QUOTE) at = this.#text(at)
      else if (byte === COMMA) this.#comma(at)
      else if (byte === COLON) this.#nameNext = false
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#open(byte === OPEN_LIST)
      else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#close(at)
      else continue
      if (this.#depth > MAX_DEPTH || this.#values > MOST_VALUES) return false
    }
    this.#at = at
    return true
  }

  kept(): Buffer {
    const last = this.#json.subarray(this.#from)
    return this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
  }

  /** @returns where it ends */
  #text(start: number): number {
    const json = this.#json
    let end = start + 1
    for (; end < json.length && json[end] !== QUOTE; end++) if (json[end] === BACKSLASH) end++
    if (this.#nameNext && this.#leftOutAt === 0 && this.#names.isNew(json, start + 1, end)) {
      this.#values += VALUES_OF_NEW_NAME + Math.floor((end - start) / NAME_BYTES_OF_VALUE)
    }
    return end
  }

  #comma(at: number): void {
    const isList = this.#isList[this.#depth] === true
    this.#nameNext = !isList
    if (this.#leftOutAt > 0) return
    this.#values++
    const commas = (this.#commas[this.#depth] ?? 0) + 1
    this.#commas[this.#depth] = commas
    if (!isList || commas < this.#mostElements) return
    this.#parts.push(this.#json.subarray(this.#from, at))
    this.#leftOutAt = this.#depth
  }

  #open(isList: boolean): void {
    this.#depth++
    this.#isList[this.#depth] = isList
    this.#commas[this.#depth] = 0
    this.#nameNext = !isList
    if (this.#leftOutAt === 0) this.#values++
  }

  #close(at: number): void {
    if (this.#leftOutAt > 0 && this.#leftOutAt === this.#depth) {
      this.#from = at
      this.#leftOutAt = 0
    }
    this.#depth--
  }
}

/**
 * A list of which only the first ones are looked at: the checker keeps a complaint of 1 KB for each
 * wrong one, however many there are.
 */
export const listOf = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess(
    (value): unknown => (Array.isArray(value) ? value.slice(0, most) : value),
    z.array(item),
  )

/** The same without its elements that have another shape: one of them does not lose the others. */
export const goodOnesOf = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess(
    (value): unknown =>
      Array.isArray(value)
        ? value.slice(0, most).filter((one) => item.safeParse(one).success)
        : value,
    z.array(item),
  )
