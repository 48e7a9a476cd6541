import {
  asDict,
  asList,
  asNumber,
  asText,
  type BencodedDict,
  decodeBencode,
} from '../../../common/bittorrent/bencode.ts'
import { isSingleFile, namedTreeFiles } from '../../../common/bittorrent/file-tree.ts'
import { givenName, isPadding, segmentsOf } from '../../../common/bittorrent/metainfo-files.ts'

/** What is asked of a torrent whose files are on a web server. */
export interface NamedTorrent {
  readonly version: 1 | 2
  readonly pieceLength: number
  readonly infoBytes: Uint8Array
}

/** One file of a torrent, and where a web server has it. */
export interface WebSeedFile {
  /** Its first byte in the torrent. */
  readonly start: number
  readonly size: number
  /** Undefined for a path that must not be requested. */
  readonly url: string | undefined
  /** A padding file (BEP 47), or what v2 leaves free behind a file: zeros, which no server has. */
  readonly padding: boolean
}

/**
 * The URLs of a torrent's files at one web seed (BEP 19). A seed URL that ends in a slash is a
 * folder; for a torrent of several files it always is. The names are those of the torrent itself,
 * each percent-encoded, not the cleaned ones that we show.
 */
export function webSeedFiles(torrent: NamedTorrent, seed: string): readonly WebSeedFile[] {
  const { isSingle, files } = namedFiles(torrent)
  const folder = seed.endsWith('/') ? seed : `${seed}/`
  return files.map(({ names, ...file }) => ({
    ...file,
    url: isSingle && !seed.endsWith('/') ? seed : below(folder, names),
  }))
}

interface NamedFiles {
  /** The torrent is one file, not a folder. */
  readonly isSingle: boolean
  readonly files: readonly (Omit<WebSeedFile, 'url'> & { readonly names: readonly string[] })[]
}

/** A torrent has up to 20 web seeds and 10 MiB of metadata: it is decoded once for all of them. */
const decoded = new WeakMap<Uint8Array, NamedFiles>()

function namedFiles({ infoBytes, version, pieceLength }: NamedTorrent): NamedFiles {
  const known = decoded.get(infoBytes)
  if (known) return known
  const info = asDict(decodeBencode(infoBytes).value) ?? new Map()
  const name = givenName(info)
  const named = version === 1 ? listed(info, name) : ofTree(info, name, pieceLength)
  decoded.set(infoBytes, named)
  return named
}

/** BEP 52: each file begins a piece of its own. */
function ofTree(info: BencodedDict, name: string, pieceLength: number): NamedFiles {
  const tree = namedTreeFiles(info)
  const isSingle = isSingleFile(tree)
  let start = 0
  const files = tree.flatMap(({ segments, size }) => {
    const names = isSingle ? [name] : [name, ...segments]
    const end = start + Math.ceil(size / pieceLength) * pieceLength
    const padding = { start: start + size, size: end - start - size, padding: true, names: [] }
    const file = { start, size, padding: false, names }
    start = end
    return padding.size > 0 ? [file, padding] : [file]
  })
  return { isSingle, files }
}

function listed(info: BencodedDict, name: string): NamedFiles {
  const list = asList(info.get('files'))
  let start = 0
  const files = (list ?? [info]).map(asDict).map((file) => {
    const size = asNumber(file?.get('length')) ?? 0
    const padding = list !== undefined && isPadding(file)
    const path = list ? segmentsOf(file) : []
    const names = [name, ...path.map((part) => asText(part) ?? '')]
    const entry = { start, size, padding, names }
    start += size
    return entry
  })
  return { isSingle: !list, files }
}

function below(folder: string, names: readonly string[]): string | undefined {
  // `..` or a name with a slash would lead to another file.
  if (names.some((name) => /^\.{0,2}$/.test(name) || name.includes('/'))) return undefined
  return folder + names.map((name) => encodeURIComponent(name.toWellFormed())).join('/')
}
