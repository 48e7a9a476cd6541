import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createMemoryIndex } from '../../cache/backends/memory/memory.ts'
import { filePaths } from '../../cache/disk/file-paths.ts'
import { openFileStore } from '../../cache/store/disk-file-store.ts'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { systemClock as clock } from '../../common/clock.ts'
import { PieceFiles } from '../../torrent/engine/storage/piece-files.ts'
import { allPieces, log, temporaryFolder } from '../cache/fixture.ts'
import { type Env, environment } from '../support/server/playlink.ts'
import type { BuiltTorrent } from '../support/swarm/torrent.ts'

const ROOT = new URL('../../', import.meta.url).pathname

export interface Stocked {
  /** Holds `cache`, which is CACHE_DIR, and is every command's HOME. */
  readonly folder: string
  readonly dir: string
  /** Stores one file of a torrent as a download leaves it; with `pieces`, only these. */
  put(torrent: BuiltTorrent, fileIdx: number, pieces?: readonly number[]): Promise<FileKey>
  /** Changes one stored byte, as a failing disk does. */
  spoil(key: FileKey, at: number): Promise<void>
  run(args: readonly string[], env?: Env): Promise<Said>
  end(): Promise<void>
}

interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(folder: string, args: readonly string[], env: Env): Promise<Said> {
  const child = spawn(process.execPath, ['--no-warnings', 'cli/cache.ts', ...args], {
    cwd: ROOT,
    env: environment(folder, env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, ...texts }
}

/** A cache folder of real torrents without a running server, and the command line for it. */
export async function stocked(): Promise<Stocked> {
  const folder = await temporaryFolder()
  const dir = join(folder, 'cache')

  async function put(torrent: BuiltTorrent, fileIdx: number, only?: readonly number[]) {
    const index = createMemoryIndex({ clock })
    const store = await openFileStore({ dir, persistent: true, index, clock, log })
    const { pieceLength, content, files } = torrent
    const before = files.slice(0, fileIdx).map(({ bytes }) => bytes.length)
    const layout: PieceLayout = {
      pieceLength,
      torrentLength: content.length,
      offset: before.reduce((sum, size) => sum + size, 0),
      size: files[fileIdx]?.bytes.length ?? 0,
    }
    const key = fileKey(torrent.infoHash, fileIdx)
    const partial = await store.open(key, files[fileIdx]?.path ?? '', layout)
    await store.writeMetainfo(torrent.infoHash, torrent.torrent())
    const pieces = only ?? allPieces(layout)
    const written = await PieceFiles.open(partial.folder, fileIdx, layout)
    for (const piece of pieces) {
      await written.write(piece, content.subarray(piece * pieceLength, (piece + 1) * pieceLength))
    }
    await written.close()
    partial.mark(pieces)
    if (!only) await partial.publish()
    await partial.close()
    await store.close()
    await index.close()
    return key
  }

  return {
    folder,
    dir,
    put,
    async spoil(key, at) {
      const file = await open(filePaths(dir, key).payload, 'r+')
      const byte = Buffer.alloc(1)
      await file.read(byte, 0, 1, at)
      await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
      await file.close()
    },
    run: (args, env = {}) => run(folder, args, env),
    end: () => rm(folder, { recursive: true, force: true }),
  }
}
