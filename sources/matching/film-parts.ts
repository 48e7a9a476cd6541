import { lastSegment } from '../../common/media-types.ts'

/** `CD1`, `Disc 2`, `Part II`, `pt.1`, `Teil 3`; `1 of 2`; a DVD's `VTS_01_1`. Without repetitions, so linear. */
const PARTS = [
  /(?<![a-z])(?:cd|dvd|dis[ck]|part|pt|teil|parte|partie|deel|del)[ ._-]{0,2}(\d{1,2}|viii|vii|vi|iv|v|iii|ii|i|one|two|three|four)(?![a-z\d])/i,
  /(?<![a-z\d])(\d)[ ._-]?(?:of|von|de)[ ._-]?\d(?![a-z\d])/i,
  /(?<=^vts_\d\d_)(\d)(?=\.vob$)/i,
] as const
const ROMAN = ['', 'i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii']
const WORDS = ['', 'one', 'two', 'three', 'four']
/** Of a path, from its end on; what is longer is no name of a part. */
const MAX_PATH = 300
/** The last part of a film is often the shortest; what is much shorter is another thing. */
const SMALLEST = 1 / 20

interface Video {
  readonly path: string
  readonly size: number
}

interface Part {
  readonly number: number
  /** What all parts of a film have in common. */
  readonly film: string
}

/**
 * The parts of a film that `video` is one of, in their order; only itself when it is whole. A film is in
 * parts when its files, or their folders, differ in nothing but the number of the part, and there is a
 * first one and another.
 */
export function filmParts<T extends Video>(videos: readonly T[], video: T): readonly T[] {
  const own = partOf(video.path)
  if (!own) return [video]
  const parts = new Map<number, T>()
  for (const one of videos) {
    const part = partOf(one.path)
    if (part?.film !== own.film || one.size < video.size * SMALLEST) continue
    if (one.size > (parts.get(part.number)?.size ?? 0)) parts.set(part.number, one)
  }
  if (!parts.has(1) || parts.size < 2) return [video]
  return [...parts].sort(([a], [b]) => a - b).map(([, one]) => one)
}

/** `Part 2`, not `CD2`: what is called so may be a film of its own, as `Dune: Part Two` is. */
export const isCalledPart = (path: string): boolean =>
  /(?<![a-z])(?:part|pt|teil|parte|partie|deel|del)[ ._-]{0,2}(?:\d|[iv]|one|two|three|four)/i.test(
    path.slice(-MAX_PATH),
  )

/** The number of the part that a file's own name says it is. */
export const partNumber = (path: string): number | undefined =>
  marked(lastSegment(path).slice(-MAX_PATH)).number

/** Undefined for a path that names no part. The file's own name counts before its folder's. */
function partOf(path: string): Part | undefined {
  const folders = path.slice(-MAX_PATH).split('/')
  const name = marked(folders.pop() ?? '')
  const folder = marked(folders.pop() ?? '')
  const number = name.number ?? folder.number
  if (number === undefined) return undefined
  // In folders of their own the files may be called anything.
  const film = [...folders, folder.rest, name.number === undefined ? '' : name.rest].join('/')
  return { number, film }
}

/** The number of a part in a name, and what is left of the name without it. */
function marked(name: string): { readonly number: number | undefined; readonly rest: string } {
  for (const pattern of PARTS) {
    const found = pattern.exec(name)
    if (!found?.[1]) continue
    const rest = `${name.slice(0, found.index)}#${name.slice(found.index + found[0].length)}`
    return { number: numberOf(found[1].toLowerCase()), rest }
  }
  return { number: undefined, rest: name }
}

const numberOf = (text: string): number =>
  Math.max(Number(text) || 0, ROMAN.indexOf(text), WORDS.indexOf(text))
