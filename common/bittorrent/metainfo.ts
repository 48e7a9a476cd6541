import { createHash } from 'node:crypto'
import { keepUrls, TRACKER, WEB } from '../network/foreign-url.ts'
import {
  asBytes,
  asDict,
  asList,
  asNumber,
  asText,
  type Bencoded,
  type BencodedDict,
  bencodeSteps,
  bencodeText,
} from './bencode.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS } from './magnet.ts'
import { type MetainfoFile, metainfoFiles, pathSegment } from './metainfo-files.ts'
import { atOnce, inParts, type Steps } from './steps.ts'
import { V2OnlyError, ValidationError } from './validation-error.ts'

/** What we read from a .torrent file (BEP 3), checked against our limits. Made by parseMetainfo only. */
export interface Metainfo {
  /** SHA-1 of the info dictionary's exact bytes, 40 lower-case hex. */
  readonly infoHash: string
  /** Cleaned for display, as are the paths; neither is used on disk. */
  readonly name: string
  readonly pieceLength: number
  readonly length: number
  /**
   * In the torrent's order, padding files (BEP 47) included: so indices are the same everywhere.
   */
  readonly files: readonly MetainfoFile[]
  /** The SHA-1 hashes of all pieces, 20 bytes each. */
  readonly pieces: Uint8Array
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** The exact bytes of the info dictionary; `rebuildMetainfo` makes a .torrent of them. */
  readonly infoBytes: Uint8Array
  /** BEP 27: its peers come from its trackers only. */
  readonly isPrivate: boolean
}

const MIB = 1024 * 1024
/** Of an info dictionary, which peers can send too: half a million piece hashes. */
export const MAX_INFO_BYTES = 10 * MIB
/** Of a .torrent file: also its trackers and what else stands around the info dictionary. */
export const MAX_METAINFO_BYTES = 12 * MIB
/** More than all keys that we write take, and what stands around a text in a list. */
const [KEYS_BYTES, TEXT_BYTES] = [64, 16]
/** Any length between them will do (BEP 3 does not ask for a power of two). */
const MIN_PIECE = 1024
/** Two of them fit in the memory that the engine has for large pieces (torrent/engine/storage). */
const MAX_PIECE = 128 * MIB

/** Hashed in one step. */
const HASHED_BYTES = MIB

interface MetainfoLimits {
  /** The most bytes of all files together. */
  readonly maxLength: number
}

/**
 * Parses a .torrent file at once: up to 60 ms for one of 10,000 files.
 * @throws ValidationError when it is invalid or beyond our limits
 */
export const parseMetainfo = (bytes: Uint8Array, limits: MetainfoLimits): Metainfo =>
  atOnce(metainfoSteps(bytes, limits))

/** The same, for where a viewer waits: others have their turn in between. @throws ValidationError */
export const parseMetainfoInParts = (
  bytes: Uint8Array,
  limits: MetainfoLimits,
): Promise<Metainfo> => inParts(metainfoSteps(bytes, limits))

function* metainfoSteps(bytes: Uint8Array, limits: MetainfoLimits): Steps<Metainfo> {
  if (bytes.length > MAX_METAINFO_BYTES) {
    throw new ValidationError('A .torrent file may have at most 12 MiB.')
  }
  const { value, spans } = yield* bencodeSteps(bytes)
  const top = asDict(value)
  const info = asDict(top?.get('info'))
  const infoBytes = spans.get('info')
  if (!top || !info || !infoBytes) {
    throw new ValidationError('The file is not a torrent: it has no info dictionary.')
  }
  if (infoBytes.length > MAX_INFO_BYTES) {
    throw new ValidationError('The info dictionary of a torrent may have at most 10 MiB.')
  }
  const infoHash = yield* sha1Steps(infoBytes)
  const pieces = piecesOf(info)
  const pieceLength = pieceLengthOf(info)
  const given = asText(info.get('name.utf-8')) ?? asText(info.get('name')) ?? ''
  const name = pathSegment(given, infoHash)
  const files = yield* metainfoFiles(info, name, limits.maxLength)
  const last = files.at(-1)
  const length = last ? last.offset + last.size : 0
  if (length === 0) throw new ValidationError('The torrent is empty.')
  if (pieces.length !== Math.ceil(length / pieceLength) * 20) {
    throw new ValidationError('The torrent’s number of piece hashes does not fit its length.')
  }
  return {
    ...{ infoHash, name, pieceLength, length, files, pieces, infoBytes },
    trackers: keepUrls(trackerTexts(top), TRACKER, MAX_TRACKERS),
    webSeeds: keepUrls(texts(top.get('url-list')), WEB, MAX_WEB_SEEDS),
    isPrivate: asNumber(info.get('private')) === 1,
  }
}

/** As hex. */
function* sha1Steps(bytes: Uint8Array): Steps<string> {
  const hash = createHash('sha1')
  for (let at = 0; at < bytes.length; at += HASHED_BYTES) {
    hash.update(bytes.subarray(at, at + HASHED_BYTES))
    yield
  }
  return hash.digest('hex')
}

/**
 * Makes a .torrent of a torrent's info dictionary, trackers (BEP 12) and web seeds (BEP 19). The
 * dictionary's bytes stay as they were found, so its info hash stays. Trackers and web seeds that do not
 * fit into MAX_METAINFO_BYTES beside it are left out: what is made here is read again by
 * `parseMetainfo`, from disk and in the other process.
 */
export function rebuildMetainfo(
  { infoBytes }: Pick<Metainfo, 'infoBytes'>,
  trackers: readonly string[],
  webSeeds: readonly string[],
): Uint8Array {
  const room = MAX_METAINFO_BYTES - infoBytes.length - KEYS_BYTES
  // The first tracker is written twice.
  const keptTrackers = thoseThatFit([...trackers.slice(0, 1), ...trackers], room).slice(1)
  const [first] = keptTrackers
  const announce = first === undefined ? '' : `8:announce${bencodeText(first)}`
  const tiers = keptTrackers.map((tracker) => `l${bencodeText(tracker)}e`).join('')
  const list = first === undefined ? '' : `13:announce-listl${tiers}e`
  const left = room - Buffer.byteLength(announce) - Buffer.byteLength(list)
  const seeds = thoseThatFit(webSeeds, left).map(bencodeText).join('')
  return Buffer.concat([
    Buffer.from(`d${announce}${list}4:info`),
    infoBytes,
    Buffer.from(`${seeds === '' ? '' : `8:url-listl${seeds}e`}e`),
  ])
}

function thoseThatFit(texts: readonly string[], bytes: number): readonly string[] {
  let left = bytes
  return texts.filter((text) => {
    left -= Buffer.byteLength(text) + TEXT_BYTES
    return left >= 0
  })
}

function pieceLengthOf(info: BencodedDict): number {
  const length = asNumber(info.get('piece length')) ?? 0
  if (length < MIN_PIECE || length > MAX_PIECE) {
    throw new ValidationError('The torrent’s piece length must be 1 KiB to 128 MiB.')
  }
  return length
}

function piecesOf(info: BencodedDict): Uint8Array {
  const pieces = asBytes(info.get('pieces'))
  if (!pieces) {
    if (info.has('file tree') || info.has('meta version')) {
      throw new V2OnlyError(
        'The torrent is BitTorrent v2 only; this server needs v1 or hybrid ones.',
      )
    }
    throw new ValidationError('The torrent has no piece hashes.')
  }
  return pieces
}

function* trackerTexts(top: BencodedDict): Iterable<string> {
  yield* texts(top.get('announce'))
  for (const tier of asList(top.get('announce-list')) ?? []) yield* texts(tier)
}

/** A string, or the strings of a list; anything else is ignored. */
function* texts(value: Bencoded | undefined): Iterable<string> {
  for (const item of asList(value) ?? [value]) {
    const text = asText(item)
    if (text !== undefined) yield text
  }
}
