import {
  asBytes,
  asDict,
  asNumber,
  type Bencoded,
  type BencodedDict,
  decodeBencode,
} from './bencode.ts'
import { type TreeFile, treeFiles } from './file-tree.ts'
import { HASH_BYTES, layerOf, merkleRoot, powerOfTwo } from './merkle.ts'
import { atOnce, type Steps } from './steps.ts'
import { ValidationError } from './validation-error.ts'

/** The hashes of the pieces of files that have more than one, by their root as latin1 (BEP 52). */
export type PieceLayers = ReadonlyMap<string, Uint8Array>

/** The hashes of one file's pieces, which stand in its tree side by side. */
export interface PieceLayer {
  readonly root: Uint8Array
  /** Hashes in it. */
  readonly count: number
  /** Where it is in the tree, counted from the leaves. */
  readonly layer: number
}

const MIN_PIECE = 16 * 1024
/** Of any torrent: two of them fit in the memory that the engine has for large pieces (torrent/engine/storage). */
export const MAX_PIECE = 128 * 1024 * 1024

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** @throws ValidationError */
export function v2PieceLength(info: BencodedDict): number {
  const length = asNumber(info.get('piece length')) ?? 0
  if (length < MIN_PIECE || length > MAX_PIECE || !Number.isInteger(Math.log2(length))) {
    throw new ValidationError(
      'The piece length of a v2 torrent must be a power of two, 16 KiB to 128 MiB.',
    )
  }
  return length
}

/** The layers that the pieces of these files need, each once. */
const layersOf = (files: readonly TreeFile[], pieceLength: number): readonly PieceLayer[] => [
  ...new Map(
    files
      .filter(({ size }) => size > pieceLength)
      .map(({ root, size }) => [
        latin1(root),
        { root, count: Math.ceil(size / pieceLength), layer: layerOf(pieceLength) },
      ]),
  ).values(),
]

/** Hashed in one step; a power of two. */
const HASHES_A_STEP = 2048

/** Whether these are the hashes of that layer. */
function* layerSteps({ root, count, layer }: PieceLayer, hashes: Uint8Array): Steps<boolean> {
  if (hashes.length !== count * HASH_BYTES) return false
  const width = powerOfTwo(count)
  const part = Math.min(width, HASHES_A_STEP)
  const roots: Buffer[] = []
  for (let at = 0; at < hashes.length; at += part * HASH_BYTES) {
    roots.push(merkleRoot(hashes.subarray(at, at + part * HASH_BYTES), part, layer))
    yield
  }
  return merkleRoot(Buffer.concat(roots), width / part, layer + Math.log2(part)).equals(root)
}

/**
 * What has to be known beside an info dictionary: nothing for a v1 or hybrid torrent, or one that is not
 * valid.
 * @param info its exact bytes
 */
export function neededLayers(info: Uint8Array): readonly PieceLayer[] {
  try {
    const dict = asDict(decodeBencode(info).value)
    if (!dict?.has('file tree') || dict.has('pieces')) return []
    const pieceLength = v2PieceLength(dict)
    const files = treeFiles(dict, '', pieceLength, Number.MAX_SAFE_INTEGER)
    return layersOf(atOnce(files), pieceLength)
  } catch (error) {
    if (error instanceof ValidationError) return []
    throw error
  }
}

/**
 * The hashes of all pieces of the files, 32 bytes each, and the layers that they are of.
 * @param value `piece layers` of a .torrent
 * @throws ValidationError when one is missing or wrong
 */
export function* piecesOfLayers(
  files: readonly TreeFile[],
  pieceLength: number,
  value: Bencoded | undefined,
): Steps<{ readonly pieces: Uint8Array; readonly layers: PieceLayers }> {
  const given = asDict(value)
  const layers = new Map<string, Uint8Array>()
  for (const needed of layersOf(files, pieceLength)) {
    const hashes = asBytes(given?.get(latin1(needed.root)))
    if (!hashes) throw new ValidationError('The torrent lacks the hashes of its pieces.')
    if (!(yield* layerSteps(needed, hashes))) {
      throw new ValidationError('The torrent’s piece hashes are not those of its files.')
    }
    layers.set(latin1(needed.root), hashes)
  }
  const pieces = files.map(({ root, size }) =>
    size > pieceLength
      ? (layers.get(latin1(root)) ?? new Uint8Array())
      : root.subarray(0, size > 0 ? HASH_BYTES : 0),
  )
  return { pieces: Buffer.concat(pieces), layers }
}

/** As a .torrent has them: the value of `piece layers`. */
export function bencodeLayers(layers: PieceLayers): Buffer {
  const parts = [...layers].flatMap(([root, hashes]) => [
    Buffer.from(`${HASH_BYTES}:${root}${hashes.length}:`, 'latin1'),
    hashes,
  ])
  return Buffer.concat([Buffer.from('d'), ...parts, Buffer.from('e')])
}
