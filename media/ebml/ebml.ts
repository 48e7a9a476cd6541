/** One element of EBML (RFC 8794 6): where its data lies. */
export interface Element {
  readonly id: number
  /** Of the data, within what it was read from. */
  readonly start: number
  /** Behind the data; infinite when its size is not known (6.2). */
  readonly end: number
}

/** Bytes that the head of an element takes at most: four of its id, eight of its size. */
export const MOST_HEAD = 12

/** The element whose head begins at `at`; undefined where there is none. */
export function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const idLength = lengthOf(bytes[at], 4)
  if (idLength === undefined) return undefined
  const sizeAt = at + idLength
  const sizeLength = lengthOf(bytes[sizeAt], 8)
  if (sizeLength === undefined || sizeAt + sizeLength > bytes.length) return undefined
  const first = (bytes[sizeAt] ?? 0) & ((1 << (8 - sizeLength)) - 1)
  let size = first
  let isUnknown = first === (1 << (8 - sizeLength)) - 1
  for (let i = 1; i < sizeLength; i++) {
    const byte = bytes[sizeAt + i] ?? 0
    isUnknown &&= byte === 0xff
    size = size * 256 + byte
  }
  const start = sizeAt + sizeLength
  const end = isUnknown ? Number.POSITIVE_INFINITY : start + size
  return { id: unsigned(bytes, at, sizeAt), start, end }
}

/** Length of a number by the leading zeros of its first byte. */
function lengthOf(first: number | undefined, most: number): number | undefined {
  if (first === undefined || first === 0) return undefined
  const length = Math.clz32(first) - 23
  return length <= most ? length : undefined
}

/** The elements between two places, as far as they are whole. */
export function* elementsIn(bytes: Uint8Array, from = 0, to = bytes.length): Generator<Element> {
  let at = from
  while (at < to) {
    const element = elementAt(bytes, at)
    if (!element || element.end > to) return
    yield element
    at = element.end
  }
}

/** An unsigned integer of up to eight bytes; not exact beyond 2^53. */
export function unsigned(bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let at = start; at < Math.min(end, start + 8); at++) value = value * 256 + (bytes[at] ?? 0)
  return value
}

/** Text without the zeros that may fill it up (RFC 8794 7.5). */
function utf8(bytes: Uint8Array, { start, end }: Element): string {
  const data = bytes.subarray(start, end)
  const zero = data.indexOf(0)
  return new TextDecoder().decode(zero < 0 ? data : data.subarray(0, zero))
}

/** What lies within an element, by id: the first of each. Nothing is kept, for a stranger says how many there are. */
export interface Fields {
  one(id: number): Element | undefined
  /** 0 where there is none. */
  number(id: number): number
  /** Undefined where there is none. */
  text(id: number): string | undefined
}

export function fieldsOf(bytes: Uint8Array, from?: number, to?: number): Fields {
  function one(id: number): Element | undefined {
    for (const element of elementsIn(bytes, from, to)) if (element.id === id) return element
    return undefined
  }
  return {
    one,
    number(id) {
      const found = one(id)
      return found ? unsigned(bytes, found.start, found.end) : 0
    },
    text(id) {
      const found = one(id)
      return found && utf8(bytes, found)
    },
  }
}
