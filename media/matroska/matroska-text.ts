import { cueText } from '../../common/subtitles/web-vtt.ts'
import { type Element, elementAt, elementsIn, unsigned } from '../ebml/ebml.ts'
import type { ReadPart } from '../film/readable.ts'
import { blockOf, ID } from './matroska-blocks.ts'
import type { MatroskaIndex } from './matroska-index.ts'
import type { MatroskaText } from './matroska-tracks.ts'

const MOST_BYTES = 128 << 20
const MOST_CUES = 5000
/** Bytes of a block: what is longer is no subtitle, and taking it apart may end the process (film-worker.ts). */
export const MOST_BLOCK = 64 << 10
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
    // Text never has lacing (RFC 9559 10.3).
    const block = blockOf(bytes, element)
    if (block?.track !== track.id || block.end - block.start > MOST_BLOCK) continue
    const { time, duration, start, end } = block
    const from = (clusterTime + time) * scale
    const to = from + (duration === undefined ? USUAL : duration * scale)
    if (to > from) yield { from, to, text: textOf(bytes.subarray(start, end), track) }
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
