import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Bencodable, bencode } from '../bencode.ts'
import { KiB, payload, sha1 } from './payload.ts'

export interface TorrentPlan {
  /** Name of the film's file, or of a pack's folder. */
  readonly name: string
  /** Bytes of a single-file torrent. */
  readonly size?: number
  /** Files of a pack: path inside the torrent -> how many bytes, or which. */
  readonly files?: Readonly<Record<string, number | Buffer>>
  readonly pieceLength?: number
  readonly private?: boolean
  /** Bytes come from it; the name when it is not given. */
  readonly seed?: string
  /** Writes the info dictionary in another way than everybody does. */
  readonly rewrite?: (info: Buffer) => Buffer
}

interface BuiltFile {
  readonly path: string
  readonly bytes: Buffer
}

export interface BuiltTorrent {
  readonly name: string
  readonly infoHash: string
  readonly pieceLength: number
  /** All files end to end. */
  readonly content: Buffer
  readonly files: readonly BuiltFile[]
  /** The bencoded info dictionary. */
  readonly info: Buffer
  /** The whole .torrent file. */
  torrent(links?: { announce?: string; webSeeds?: readonly string[] }): Buffer
  magnet(links?: { trackers?: readonly string[]; webSeeds?: readonly string[] }): string
}

/** Hashes a plan's pseudo-random payload into a torrent (BEP 3). Nothing is written. */
export function buildTorrent(plan: TorrentPlan): BuiltTorrent {
  const pieceLength = plan.pieceLength ?? 64 * KiB
  const sizes = plan.files ?? { [plan.name]: plan.size ?? 0 }
  const files = Object.entries(sizes).map(([path, size]) => ({
    path,
    bytes: typeof size === 'number' ? payload(`${plan.seed ?? plan.name}/${path}`, size) : size,
  }))
  const content = Buffer.concat(files.map((file) => file.bytes))
  const written = bencode({
    name: plan.name,
    'piece length': pieceLength,
    pieces: pieceHashes(content, pieceLength),
    private: plan.private ? 1 : undefined,
    ...(plan.files
      ? { files: files.map((file) => ({ length: file.bytes.length, path: file.path.split('/') })) }
      : { length: content.length }),
  })
  const info = plan.rewrite?.(written) ?? written
  return { ...fromInfo(plan.name, info), pieceLength, content, files }
}

/** The links of a torrent whose info dictionary was made elsewhere, e.g. a hostile one. */
export function fromInfo(
  name: string,
  info: Buffer,
): Pick<BuiltTorrent, 'name' | 'infoHash' | 'info' | 'torrent' | 'magnet'> {
  const infoHash = sha1(info).toString('hex')
  return {
    name,
    infoHash,
    info,
    torrent: (links = {}) => torrentFile(info, links.announce, links.webSeeds),
    magnet: (links = {}) =>
      [
        `magnet:?xt=urn:btih:${infoHash}&dn=${encodeURIComponent(name)}`,
        ...(links.trackers ?? []).map((url) => `tr=${encodeURIComponent(url)}`),
        ...(links.webSeeds ?? []).map((url) => `ws=${encodeURIComponent(url)}`),
      ].join('&'),
  }
}

/** The info dictionary is put in as bytes: encoding it again could change the hash. */
function torrentFile(info: Buffer, announce?: string, webSeeds?: readonly string[]): Buffer {
  const outer = (key: string, value: Bencodable): Buffer =>
    Buffer.concat([bencode(key), bencode(value)])
  return Buffer.concat([
    Buffer.from('d'),
    ...(announce ? [outer('announce', announce)] : []),
    bencode('info'),
    info,
    ...(webSeeds ? [outer('url-list', webSeeds)] : []),
    Buffer.from('e'),
  ])
}

export function pieceHashes(content: Buffer, pieceLength: number): Buffer {
  const hashes: Buffer[] = []
  for (let at = 0; at < content.length; at += pieceLength) {
    hashes.push(sha1(content.subarray(at, at + pieceLength)))
  }
  return Buffer.concat(hashes)
}

/** Writes what a seeder needs: the payload below `folder`, the .torrent beside it; answers its path. */
export async function writeForSeeding(folder: string, built: BuiltTorrent): Promise<string> {
  const single = built.files.length === 1 && built.files[0]?.path === built.name
  const made = new Set<string>()
  // Nobody asks for a byte of those that have none.
  for (const file of built.files.filter(({ bytes }) => bytes.length > 0)) {
    const path = join(folder, ...(single ? [file.path] : [built.name, file.path]))
    if (!made.has(dirname(path))) await mkdir(dirname(path), { recursive: true })
    made.add(dirname(path))
    await writeFile(path, file.bytes)
  }
  const path = join(folder, `${built.infoHash}.torrent`)
  await writeFile(path, built.torrent())
  return path
}
