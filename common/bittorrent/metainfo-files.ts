import { cleanText } from '../clean-text.ts'
import { asDict, asList, asNumber, asText, type Bencoded, type BencodedDict } from './bencode.ts'
import type { Steps } from './steps.ts'
import { ValidationError } from './validation-error.ts'

export interface MetainfoFile {
  /** Segments joined by `/`, without the torrent's name; for a torrent of one file its name. */
  readonly path: string
  readonly size: number
  /** Its first byte in the torrent. */
  readonly offset: number
}

/** Padding files count too: a hybrid torrent (BEP 52) of 10,000 files has nearly as many of them. */
export const MAX_FILES = 20_000
const SEPARATOR = /[/\\]/
const SEPARATORS = /[/\\]/g
const MAX_SEGMENT = 300
const MAX_PATH = 1000
/** Names of files and folders that are looked at in one step. */
export const NAMES_A_STEP = 400

/**
 * The files of an info dictionary in their order, padding files (BEP 47) included.
 * @param name of the torrent, cleaned
 * @param maxLength bytes of all files together
 * @throws ValidationError
 */
export function* metainfoFiles(
  info: BencodedDict,
  name: string,
  maxLength: number,
): Steps<MetainfoFile[]> {
  const list = asList(info.get('files'))
  if (list && info.has('length')) {
    throw new ValidationError('The torrent says both one length and a list of files.')
  }
  if (!list && info.has('files')) throw new ValidationError('The torrent’s files are not a list.')
  const dicts = (list ?? [info]).map(asDict)
  if (dicts.length === 0 || dicts.length > MAX_FILES) throw wrongCount()
  const files: MetainfoFile[] = []
  let [offset, names] = [0, 0]
  for (const [index, file] of dicts.entries()) {
    const size = fileSize(file, index)
    const segments = list ? segmentsOf(file, index) : []
    // One file may have as many as a torrent may have values.
    names += Math.max(1, segments.length)
    if (names > NAMES_A_STEP) {
      names = 0
      yield
    }
    files.push({ path: list ? pathOf(segments) : name, size, offset })
    offset += size
    if (offset > maxLength) throw tooLarge()
  }
  return files
}

/** As many as may show in a path. */
function segmentsOf(file: BencodedDict | undefined, index: number): readonly Bencoded[] {
  const segments = asList(file?.get('path.utf-8')) ?? asList(file?.get('path')) ?? []
  if (segments.length === 0) throw new ValidationError(`File ${index} of the torrent has no name.`)
  return segments.slice(0, MAX_PATH)
}

const pathOf = (segments: readonly Bencoded[]): string =>
  joinedPath(segments.map((part) => pathSegment(asText(part) ?? '', '_')))

/** @param names as pathSegment() made them */
export const joinedPath = (names: readonly string[]): string =>
  names.join('/').slice(0, MAX_PATH).toWellFormed()

/** @throws ValidationError */
export function fileSize(file: BencodedDict | undefined, index: number): number {
  const size = asNumber(file?.get('length'))
  if (size !== undefined && size >= 0) return size
  throw new ValidationError(`File ${index} of the torrent has no good length.`)
}

export const wrongCount = (): ValidationError =>
  new ValidationError(`A torrent must have 1 to ${MAX_FILES} files.`)
export const tooLarge = (): ValidationError =>
  new ValidationError('The torrent is larger than this server allows.')

/**
 * One segment of a path, cleaned for display. It has no separator and is never `.` or `..`, in case
 * somebody does make a path of it.
 * @param otherwise what to answer when nothing is left
 */
export function pathSegment(text: string, otherwise: string): string {
  const clean = cleanText(text, MAX_SEGMENT)
  const name = SEPARATOR.test(clean) ? clean.replaceAll(SEPARATORS, '_') : clean
  return name === '' || name === '.' || name === '..' ? otherwise : name
}
