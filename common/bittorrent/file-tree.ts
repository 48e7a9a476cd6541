import { asBytes, asDict, type BencodedDict } from './bencode.ts'
import { HASH_BYTES } from './merkle.ts'
import {
  fileSize,
  joinedPath,
  MAX_FILES,
  type MetainfoFile,
  NAMES_A_STEP,
  pathSegment,
  tooLarge,
  wrongCount,
} from './metainfo-files.ts'
import { atOnce, type Steps } from './steps.ts'
import { ValidationError } from './validation-error.ts'

/** Their hashes are made into trees in one turn, which takes a tenth of a second. */
const MAX_PIECES = 100_000

/** A file of a v2 torrent (BEP 52). Each begins a piece of its own. */
export interface TreeFile extends MetainfoFile {
  /** The root of its hashes; empty for a file of no bytes. */
  readonly root: Uint8Array
}

/** A file of a file tree as it stands there: names are not cleaned. */
interface NamedFile {
  readonly segments: readonly string[]
  readonly size: number
  readonly root: Uint8Array
}

/**
 * The files of a v2 info dictionary in their order, by the names that they have on servers (BEP 19).
 * @throws ValidationError
 */
export const namedTreeFiles = (info: BencodedDict): readonly NamedFile[] =>
  atOnce(namedTreeSteps(info))

function* namedTreeSteps(info: BencodedDict): Steps<readonly NamedFile[]> {
  const found: NamedFile[] = []
  let names = 0
  function* walk(dict: BencodedDict | undefined, above: readonly string[]): Steps<void> {
    if (!dict) throw new ValidationError('The torrent’s file tree is not one.')
    for (const [key, value] of dict) {
      // Folders may have no files.
      if (++names % NAMES_A_STEP === 0) yield
      if (key !== '') {
        yield* walk(asDict(value), [...above, Buffer.from(key, 'latin1').toString('utf8')])
        continue
      }
      if (found.length >= MAX_FILES || above.length === 0) throw wrongCount()
      found.push({ segments: above, ...fileOf(asDict(value), found.length) })
    }
  }
  yield* walk(asDict(info.get('file tree')), [])
  if (found.length === 0) throw wrongCount()
  return found
}

/** The torrent is one file, not a folder. */
export const isSingleFile = (files: readonly NamedFile[]): boolean =>
  files.length === 1 && files[0]?.segments.length === 1

/**
 * The files of a v2 info dictionary in their order.
 * @param name of the torrent, cleaned
 * @param maxLength bytes of all files together
 * @throws ValidationError
 */
export function* treeFiles(
  info: BencodedDict,
  name: string,
  pieceLength: number,
  maxLength: number,
): Steps<readonly TreeFile[]> {
  const found = yield* namedTreeSteps(info)
  const isSingle = isSingleFile(found)
  let [pieces, length, cleaned] = [0, 0, 0]
  const files: TreeFile[] = []
  for (const { segments, size, root } of found) {
    cleaned += segments.length
    if (cleaned > NAMES_A_STEP) {
      cleaned = 0
      yield
    }
    const offset = pieces * pieceLength
    pieces += Math.ceil(size / pieceLength)
    length += size
    if (length > maxLength || pieces > MAX_PIECES) throw tooLarge()
    const names = segments.map((part) => pathSegment(part, '_'))
    const path = isSingle ? name : joinedPath(names)
    files.push({ path, size, offset, root })
  }
  return files
}

function fileOf(file: BencodedDict | undefined, index: number) {
  const size = fileSize(file, index)
  const root = asBytes(file?.get('pieces root')) ?? new Uint8Array()
  if (size > 0 && root.length !== HASH_BYTES) {
    throw new ValidationError(`File ${index} of the torrent has no hash.`)
  }
  return { size, root }
}
