import {
  asDict,
  asList,
  asNumber,
  asText,
  decodeBencode,
} from '../../../common/bittorrent/bencode.ts'

/** Where the bytes of one file of a torrent are on a web server; undefined: nothing fit to ask for. */
export interface WebSeedFile {
  readonly start: number
  readonly size: number
  readonly url: string | undefined
  /** BEP 47: zeros that no server holds. */
  readonly padding: boolean
}

/**
 * The addresses of a torrent's files below one web seed (BEP 19): an address that ends in a slash is
 * a folder, and so is every one of a torrent with several files; each name is percent-encoded, with
 * the names as the torrent has them and not as our gate shows them.
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
    const one = { start, size, url: below(folder, [name, ...names]), padding }
    start += size
    return one
  })
}

function below(folder: string, names: readonly string[]): string | undefined {
  // A name with a slash in it, or one that climbs, would be another file.
  if (names.some((name) => /^\.{0,2}$/.test(name) || name.includes('/'))) return undefined
  return folder + names.map((name) => encodeURIComponent(name.toWellFormed())).join('/')
}
