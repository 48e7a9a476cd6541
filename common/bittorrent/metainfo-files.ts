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
const MOST_RAW = 4 * MAX_SEGMENT
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
  if (!list && info.has('files')) throw new ValidationError('The torrent’s files are not a list.')
  const dicts = (list ?? [info]).map(asDict)
  if (dicts.length === 0 || dicts.length > MAX_FILES) throw wrongCount()
  const files: MetainfoFile[] = []
  let [offset, names] = [0, 0]
  for (const [index, file] of dicts.entries()) {
    const size = fileSize(file, index)
    // One file may have as many as a torrent may have values.
    names += Math.max(1, list ? segmentsOf(file).length : 0)
    if (names > NAMES_A_STEP) {
      names = 0
      yield
    }
    files.push({ path: list ? pathOf(file, index) : name, size, offset })
    offset += size
    if (offset > maxLength) throw tooLarge()
  }
  return files
}

function pathOf(file: BencodedDict | undefined, index: number): string {
  const segments = segmentsOf(file)
  // As many as may show in a path; the last is the file's own name.
  const last = segments.slice(Math.max(MAX_PATH - 1, segments.length - 1))
  const shown = [...segments.slice(0, MAX_PATH - 1), ...last]
  const names = shown.map((part) => pathSegment(asText(part) ?? '', '_'))
  // BEP 47: nobody writes a padding file to disk, so it need not have a name.
  if (names.length === 0 && isPadding(file)) return `.pad/${fileSize(file, index)}`
  if (names.length === 0) throw new ValidationError(`File ${index} of the torrent has no name.`)
  return joinedPath(names)
}

/** The path of a file in a list, as it stands there; that in UTF-8 where there are two. */
export function segmentsOf(file: BencodedDict | undefined): readonly Bencoded[] {
  const better = asList(file?.get('path.utf-8')) ?? []
  return better.length > 0 ? better : (asList(file?.get('path')) ?? [])
}

/** BitComet names them, BEP 47 marks them. */
export const isPadding = (file: BencodedDict | undefined): boolean =>
  asText(file?.get('attr'))?.includes('p') === true ||
  asText(segmentsOf(file).at(-1))?.startsWith('_____padding_file_') === true

/** The name of a torrent, as it stands there; that in UTF-8 where there are two. */
export const givenName = (info: BencodedDict): string =>
  asText(info.get('name.utf-8')) || asText(info.get('name')) || ''

/** @param names as pathSegment() made them */
export const joinedPath = (names: readonly string[]): string => shortened(names.join('/'), MAX_PATH)

/** What a file is, the end of its name says, so that stays. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text
  const [end = ''] = /\.[a-z\d]{1,8}$/i.exec(text.slice(-9)) ?? []
  return text.slice(0, max - end.length).toWellFormed() + end
}

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
  // What is no letter of a name may stand in front of it, but not without end.
  const clean = shortened(cleanText(shortened(text, MOST_RAW), MOST_RAW), MAX_SEGMENT)
  const name = SEPARATOR.test(clean) ? clean.replaceAll(SEPARATORS, '_') : clean
  return name === '' || name === '.' || name === '..' ? otherwise : name
}
