import {
  asDict,
  asList,
  asNumber,
  asText,
  decodeBencode,
} from '../../../common/bittorrent/bencode.ts'

/** One file of a torrent, and where a web server has it. */
export interface WebSeedFile {
  /** Its first byte in the torrent. */
  readonly start: number
  readonly size: number
  /** Undefined for a path that must not be requested. */
  readonly url: string | undefined
  /** A padding file (BEP 47): zeros, which no server has. */
  readonly padding: boolean
}

/**
 * The URLs of a torrent's files at one web seed (BEP 19). A seed URL that ends in a slash is a
 * folder; for a torrent of several files it always is. The names are those of the torrent itself,
 * each percent-encoded, not the cleaned ones that we show.
 */
export function webSeedFiles(infoBytes: Uint8Array, seed: string): readonly WebSeedFile[] {
  const info = asDict(decodeBencode(infoBytes).value)
  const name = asText(info?.get('name.utf-8')) ?? asText(info?.get('name')) ?? ''
  const list = asList(info?.get('files'))
  if (!list) {
    const url = seed.endsWith('/') ? below(seed, [name]) : seed
    return [{ start: 0, size: asNumber(info?.get('length')) ?? 0, url, padding: false }]
  }
  const folder = seed.endsWith('/') ? seed : `${seed}/`
  let start = 0
  return list.map(asDict).map((file) => {
    const size = asNumber(file?.get('length')) ?? 0
    const path = asList(file?.get('path.utf-8')) ?? asList(file?.get('path')) ?? []
    const padding = asText(file?.get('attr'))?.includes('p') ?? false
    const names = path.map((part) => asText(part) ?? '')
    const entry = { start, size, url: below(folder, [name, ...names]), padding }
    start += size
    return entry
  })
}

function below(folder: string, names: readonly string[]): string | undefined {
  // `..` or a name with a slash would lead to another file.
  if (names.some((name) => /^\.{0,2}$/.test(name) || name.includes('/'))) return undefined
  return folder + names.map((name) => encodeURIComponent(name.toWellFormed())).join('/')
}
