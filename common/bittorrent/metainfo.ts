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
import { bencodeDhtNodes, readDhtNodes } from './dht-nodes.ts'
import { treeFiles } from './file-tree.ts'
import { INFO_HASH_CHARS } from './info-hash.ts'
import { MAX_TRACKERS, MAX_WEB_SEEDS } from './magnet.ts'
import { givenName, type MetainfoFile, metainfoFiles, pathSegment } from './metainfo-files.ts'
import type { TorrentPieces } from './piece-hash.ts'
import {
  bencodeLayers,
  MAX_PIECE,
  type PieceLayers,
  piecesOfLayers,
  v2PieceLength,
} from './piece-layers.ts'
import { atOnce, inParts, type Steps } from './steps.ts'
import { UnsupportedTorrentError, ValidationError } from './validation-error.ts'

/** What we read from a .torrent file (BEP 3, 52), checked against our limits. Made by parseMetainfo only. */
export interface Metainfo extends TorrentPieces {
  /** Of the info dictionary's exact bytes, 40 lower-case hex: SHA-1, or of SHA-256 the beginning. */
  readonly infoHash: string
  /** Cleaned for display, as are the paths; neither is used on disk. */
  readonly name: string
  /**
   * In the torrent's order, padding files (BEP 47) included: so indices are the same everywhere.
   */
  readonly files: readonly MetainfoFile[]
  /** Of v2: the hashes that its info dictionary lacks. */
  readonly layers?: PieceLayers
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** Nodes of the DHT that know peers of it (BEP 5), `host:port`; none of a private torrent. */
  readonly nodes: readonly string[]
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

/** Hashed in one step. */
const HASHED_BYTES = MIB

interface MetainfoLimits {
  /** The most bytes of all files together. */
  readonly maxLength: number
  /** By which it is known: a hybrid torrent (BEP 52) has two. Its v1 hash unless given. */
  readonly infoHash?: string
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
  const { value, spans } = yield* bencodeSteps(bytes, 'ignored')
  const top = asDict(value)
  const info = asDict(top?.get('info'))
  const infoBytes = spans.get('info')
  if (!top || !info || !infoBytes) {
    throw new ValidationError('The file is not a torrent: it has no info dictionary.')
  }
  if (infoBytes.length > MAX_INFO_BYTES) {
    throw new ValidationError('The info dictionary of a torrent may have at most 10 MiB.')
  }
  const isV2 = !info.has('pieces') && info.has('file tree')
  if (isV2 && asNumber(info.get('meta version')) !== 2) {
    throw new UnsupportedTorrentError('The torrent is of a version of BitTorrent after 2.')
  }
  const infoHash = yield* infoHashSteps(info, infoBytes, limits.infoHash)
  const name = pathSegment(givenName(info), infoHash)
  const cut = isV2
    ? yield* v2Steps(info, name, limits.maxLength, top.get('piece layers'))
    : yield* v1Steps(info, name, limits.maxLength)
  const isPrivate = isSet(info.get('private'))
  return {
    ...{ infoHash, name, ...cut, infoBytes, isPrivate },
    trackers: keepUrls(trackerTexts(top), TRACKER, MAX_TRACKERS),
    webSeeds: keepUrls(texts(top.get('url-list')), WEB, MAX_WEB_SEEDS),
    nodes: isPrivate ? [] : readDhtNodes(top.get('nodes')),
  }
}

/** @param wanted a hybrid torrent that is known by its v2 hash is that one */
function* infoHashSteps(
  info: BencodedDict,
  infoBytes: Uint8Array,
  wanted: string | undefined,
): Steps<string> {
  const v1 = info.has('pieces') || !info.has('file tree') ? yield* hexSteps('sha1', infoBytes) : ''
  if (v1 !== '' && (wanted === undefined || wanted === v1 || !info.has('file tree'))) return v1
  const v2 = yield* hexSteps('sha256', infoBytes)
  return v1 === '' || v2 === wanted ? v2 : v1
}

type Cut = TorrentPieces & Pick<Metainfo, 'layers'>

function* v1Steps(info: BencodedDict, name: string, maxLength: number): Steps<Cut> {
  const pieces = asBytes(info.get('pieces'))
  if (!pieces) throw new ValidationError('The torrent has no piece hashes.')
  const pieceLength = pieceLengthOf(info)
  const files = yield* metainfoFiles(info, name, maxLength)
  const last = files.at(-1)
  const length = last ? last.offset + last.size : 0
  if (length === 0) throw new ValidationError('The torrent is empty.')
  if (pieces.length !== Math.ceil(length / pieceLength) * 20) {
    throw new ValidationError('The torrent’s number of piece hashes does not fit its length.')
  }
  return { version: 1, pieceLength, length, files, pieces }
}

/** BEP 52. @param layers `piece layers` of the .torrent */
function* v2Steps(
  info: BencodedDict,
  name: string,
  maxLength: number,
  layers: Bencoded | undefined,
): Steps<Cut> {
  const pieceLength = v2PieceLength(info)
  const tree = yield* treeFiles(info, name, pieceLength, maxLength)
  const length = Math.max(...tree.map(({ size, offset }) => (size > 0 ? offset + size : 0)))
  if (length === 0) throw new ValidationError('The torrent is empty.')
  const files = tree.map(({ path, size, offset }) => ({ path, size, offset }))
  const hashes = yield* piecesOfLayers(tree, pieceLength, layers)
  return { version: 2, pieceLength, length, files, ...hashes }
}

/** As hex, no longer than an info hash. */
function* hexSteps(algorithm: 'sha1' | 'sha256', bytes: Uint8Array): Steps<string> {
  const hash = createHash(algorithm)
  for (let at = 0; at < bytes.length; at += HASHED_BYTES) {
    hash.update(bytes.subarray(at, at + HASHED_BYTES))
    yield
  }
  return hash.digest('hex').slice(0, INFO_HASH_CHARS)
}

/**
 * Makes a .torrent of a torrent's info dictionary, nodes (BEP 5), trackers (BEP 12), web seeds (BEP 19) and
 * piece layers (BEP 52). The dictionary's bytes stay as they were found, so its info hash stays. Trackers
 * and web seeds that do not fit into MAX_METAINFO_BYTES beside it are left out: what is made here is read
 * again by `parseMetainfo`, from disk and in the other process.
 */
export function rebuildMetainfo(
  torrent: Pick<Metainfo, 'infoBytes'> & Partial<Pick<Metainfo, 'nodes' | 'layers'>>,
  trackers: readonly string[],
  webSeeds: readonly string[],
): Uint8Array {
  const { infoBytes, nodes = [], layers } = torrent
  const hashes = layers
    ? Buffer.concat([Buffer.from('12:piece layers'), bencodeLayers(layers)])
    : Buffer.alloc(0)
  const contacts = nodes.length === 0 ? '' : `5:nodesl${bencodeDhtNodes(nodes)}e`
  const room = MAX_METAINFO_BYTES - infoBytes.length - hashes.length - contacts.length - KEYS_BYTES
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
    Buffer.from(contacts),
    hashes,
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

/** Any number but 0, as in libtorrent and Transmission; some writers put it down as text. */
const isSet = (value: Bencoded | undefined): boolean =>
  (asNumber(value) ?? 0) !== 0 || /[^0]/.test(asText(value) ?? '')

function pieceLengthOf(info: BencodedDict): number {
  const length = asNumber(info.get('piece length')) ?? 0
  if (length < MIN_PIECE || length > MAX_PIECE) {
    throw new ValidationError('The torrent’s piece length must be 1 KiB to 128 MiB.')
  }
  return length
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
