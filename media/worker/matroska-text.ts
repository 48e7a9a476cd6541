import { cueText } from '../../common/subtitles/web-vtt.ts'
import { type Element, elementAt, elementsIn, unsigned } from '../ebml/ebml.ts'
import type { ReadPart } from '../film/readable.ts'
import type { MatroskaIndex } from './matroska-index.ts'
import type { MatroskaText } from './matroska-tracks.ts'

// RFC 9559 5.1.3
const ID = {
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simple: 0xa3,
  group: 0xa0,
  block: 0xa1,
  duration: 0x9b,
} as const

const MOST_BYTES = 128 << 20
const MOST_CUES = 5000
/** Seconds, where the file says no more. */
const USUAL = 4

/** Words, and when they are shown: seconds of the film. */
export interface Cue {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** The subtitles of one track that begin within a time. */
export async function matroskaText(
  read: ReadPart,
  index: MatroskaIndex,
  track: MatroskaText,
  { from, to, isLast }: { readonly from: number; readonly to: number; readonly isLast: boolean },
): Promise<readonly Cue[]> {
  const range = index.range(from, isLast ? Number.POSITIVE_INFINITY : to)
  const isReadable = range && range.end > range.start && range.end - range.start <= MOST_BYTES
  const bytes = isReadable ? await read(range.start, range.end) : new Uint8Array()
  const cues: Cue[] = []
  for (const cluster of clustersIn(bytes)) {
    for (const cue of cuesOf(bytes, cluster, track, index.scale)) {
      const isWithin = cue.from >= from - 0.001 && (isLast || cue.from < to - 0.001)
      if (isWithin && cue.text !== '' && cues.length < MOST_CUES) cues.push(cue)
    }
  }
  return cues
}

/** Clusters, the last one as far as it is there. */
function* clustersIn(bytes: Uint8Array): Generator<Element> {
  let at = 0
  while (at < bytes.length) {
    const element = elementAt(bytes, at)
    if (!element) return
    const end = Math.min(element.end, bytes.length)
    if (element.id === ID.cluster) yield { ...element, end }
    at = end
  }
}

function* cuesOf(
  bytes: Uint8Array,
  cluster: Element,
  track: MatroskaText,
  scale: number,
): Generator<Cue> {
  let clusterTime = 0
  for (const element of elementsIn(bytes, cluster.start, cluster.end)) {
    if (element.id === ID.timestamp) clusterTime = unsigned(bytes, element.start, element.end)
    let block = element.id === ID.simple ? element : undefined
    let duration: number | undefined
    if (element.id === ID.group) {
      for (const field of elementsIn(bytes, element.start, element.end)) {
        if (field.id === ID.block) block = field
        if (field.id === ID.duration) duration = unsigned(bytes, field.start, field.end)
      }
    }
    const head = block && blockHead(bytes, block)
    if (!head || head.track !== track.id) continue
    const from = (clusterTime + head.time) * scale
    const to = from + (duration === undefined ? USUAL : duration * scale)
    if (to > from) yield { from, to, text: textOf(bytes.subarray(head.start, head.end), track) }
  }
}

/**
 * Of a SimpleBlock or BlockGroup that stands alone; undefined: it is of another track, or is none.
 * @param time of the block, in ticks
 */
export function cueOfBlock(
  bytes: Uint8Array,
  time: number,
  duration: number | undefined,
  track: MatroskaText,
  scale: number,
): Cue | undefined {
  const [cue] = cuesOf(bytes, { id: ID.cluster, start: 0, end: bytes.length }, track, scale)
  if (!cue) return undefined
  const from = time * scale
  const lasts = duration === undefined ? cue.to - cue.from : duration * scale
  return { from, to: from + lasts, text: cue.text }
}

/** Of a block without lacing, which text never has (RFC 9559 10.3). */
function blockHead(bytes: Uint8Array, block: Element) {
  const first = bytes[block.start] ?? 0
  const length = first === 0 ? 9 : Math.clz32(first) - 23
  const at = block.start + length
  if (length > 2 || at + 3 > block.end) return undefined
  const track = length === 1 ? first & 0x7f : ((first & 0x3f) << 8) | (bytes[block.start + 1] ?? 0)
  const time = (((bytes[at] ?? 0) << 24) >> 16) | (bytes[at + 1] ?? 0)
  return { track, time, start: at + 3, end: block.end }
}

/** Fields of a line of ASS before its text, as Matroska keeps them: ReadOrder, Layer, Style, ... */
const ASS_FIELDS = 8

function textOf(data: Uint8Array, track: MatroskaText): string {
  let text: string
  try {
    text = new TextDecoder().decode(track.unpack(data))
  } catch {
    return ''
  }
  if (!track.isAss) return cueText(text)
  const words = text.split(',').slice(ASS_FIELDS).join(',')
  // A drawing is no text.
  if (/\{[^{}\n]*\\p[1-9]/.test(words)) return ''
  const plain = words.replace(/\{[^{}]*\}/g, '').replace(/\\[Nn]/g, '\n')
  return cueText(plain.replace(/\\h/g, ' '))
}
