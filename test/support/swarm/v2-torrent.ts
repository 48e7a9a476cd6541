import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { payload } from './payload.ts'
import type { SeedPlan } from './seeder.ts'

const SCRIPT = new URL('./make_torrent.py', import.meta.url).pathname
const run = promisify(execFile)

export interface V2Plan {
  /** Name of the film's file, or of a pack's folder. */
  readonly name: string
  /** Bytes of each file: of the one that has the torrent's name, or below its folder. */
  readonly files: Readonly<Record<string, number>>
  readonly pieceLength: number
  readonly kind: 'v2' | 'hybrid'
}

export interface V2Torrent extends SeedPlan {
  /** Its v1 hash, 40 hex; empty when it has none. */
  readonly v1: string
  /** What it is called where 20 bytes are wanted: in the tracker, the handshake and our addresses. */
  readonly infoHash: string
  readonly contents: Readonly<Record<string, Buffer>>
  /** By the v2 hash only. */
  magnet(tracker: string): string
}

/** Torrents of BitTorrent v2 (BEP 52), made by libtorrent; their payload is written below `folder`. */
export async function buildV2Torrents(
  folder: string,
  plans: readonly V2Plan[],
): Promise<readonly V2Torrent[]> {
  const built = await Promise.all(plans.map((plan, i) => write(join(folder, `${i}`), plan)))
  const asked = plans.map(({ name, pieceLength, kind }, i) => ({
    ...{ kind, piece: pieceLength, torrent: built[i]?.torrent },
    payload: join(folder, `${i}`, name),
  }))
  const { stdout } = await run('/usr/bin/python3', [SCRIPT, JSON.stringify(asked)])
  const hashes = JSON.parse(stdout) as readonly { readonly v1: string; readonly v2: string }[]
  return built.map((one, i) => {
    const { v1 = '', v2 = '' } = hashes[i] ?? {}
    const magnet = (tracker: string): string =>
      `magnet:?xt=urn:btmh:1220${v2}&tr=${encodeURIComponent(tracker)}`
    return { ...one, v1, infoHash: v2.slice(0, 40), magnet }
  })
}

async function write(home: string, { name, files }: V2Plan) {
  const contents: Record<string, Buffer> = {}
  for (const [path, size] of Object.entries(files)) {
    const bytes = payload(`${name}/${path}`, size)
    contents[path] = bytes
    const place = path === name ? join(home, name) : join(home, name, path)
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, bytes)
  }
  return { torrent: join(home, `${name}.torrent`), folder: home, contents }
}
