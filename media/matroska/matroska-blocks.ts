import { type Element, elementsIn, unsigned } from '../ebml/ebml.ts'

/** Elements of a cluster (RFC 9559 5.1.3). */
export const ID = {
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simple: 0xa3,
  group: 0xa0,
  block: 0xa1,
  duration: 0x9b,
  reference: 0xfb,
} as const
const KEY = 0x80

/** What a block says of itself (RFC 9559 10.1); of a laced one, of its first frame. */
export interface Block {
  readonly track: number
  /** Ticks from the time of its cluster. */
  readonly time: number
  readonly isKey: boolean
  /** Ticks; undefined: nobody says. */
  readonly duration: number | undefined
  /** Where its data lies. */
  readonly start: number
  readonly end: number
}

/** The block that an element of a cluster is, or has in it; undefined: none that is understood. */
export function blockOf(bytes: Uint8Array, element: Element): Block | undefined {
  if (element.id === ID.simple) {
    const head = headOf(bytes, element)
    return head && { ...head, isKey: (head.flags & KEY) !== 0, duration: undefined }
  }
  if (element.id !== ID.group) return undefined
  let block: Element | undefined
  let duration: number | undefined
  let isReferring = false
  for (const part of elementsIn(bytes, element.start, element.end)) {
    if (part.id === ID.block) block = part
    if (part.id === ID.duration) duration = unsigned(bytes, part.start, part.end)
    if (part.id === ID.reference) isReferring = true
  }
  const head = block && headOf(bytes, block)
  return head && { ...head, isKey: !isReferring, duration }
}

function headOf(bytes: Uint8Array, block: Element) {
  const first = bytes[block.start] ?? 0
  const length = first === 0 ? 9 : Math.clz32(first) - 23
  const at = block.start + length
  if (length > 2 || at + 3 > block.end) return undefined
  const track = length === 1 ? first & 0x7f : ((first & 0x3f) << 8) | (bytes[block.start + 1] ?? 0)
  const time = (((bytes[at] ?? 0) << 24) >> 16) | (bytes[at + 1] ?? 0)
  return { track, time, flags: bytes[at + 2] ?? 0, start: at + 3, end: block.end }
}
