import { mkdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FileRecord } from '../../cache/disk/file-record.ts'
import { sidecarText } from '../../cache/disk/sidecar.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { systemClock } from '../../common/clock.ts'

/**
 * Makes a CACHE_DIR as a node leaves it, with complete files that are sparse and take no room. Reading
 * many of them would take hours.
 */
export async function storeFiles(
  dir: string,
  node: string,
  keys: readonly FileKey[],
): Promise<void> {
  const layout: PieceLayout = { pieceLength: 1 << 20, torrentLength: 1e9, offset: 0, size: 1e9 }
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, '.playlink'), JSON.stringify({ version: 1, node }))
  for (const key of keys) {
    const record = new FileRecord(key, `film ${key}.mkv`, layout, systemClock)
    for (let piece = 0; piece < record.pieces.length; piece++) record.mark(piece)
    await mkdir(join(dir, key.slice(0, 40)))
    const payload = join(dir, key)
    await writeFile(payload, '')
    await truncate(payload, layout.size)
    const mtime = Math.floor((await stat(payload)).mtimeMs)
    const state = { complete: true, settled: true, mtime }
    await writeFile(`${payload}.json`, sidecarText(record, state, 0))
  }
}
