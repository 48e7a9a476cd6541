import { mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileKey, parseFileKey } from '../../common/bittorrent/file-key.ts'
import {
  firstPiece,
  type PieceLayout,
  pieceCount,
  pieceInFile,
} from '../../common/bittorrent/piece-layout.ts'
import { killPoint } from '../../common/kill-point.ts'
import { errorCode, isMissing, syncFolder } from './replace-file.ts'

/** Where the parts of one content lie (docs/decisions/0003). */
export interface FilePaths {
  readonly folder: string
  readonly payload: string
  readonly sidecar: string
  readonly edges: string
  readonly metainfo: string
  readonly fileIdx: number
}

export const infoHashOf = (key: FileKey): string => parseFileKey(key)?.infoHash ?? ''

export const METAINFO = 'metainfo.torrent'
export const EDGES = 'edges'

export function filePaths(dir: string, key: FileKey): FilePaths {
  const parts = parseFileKey(key)
  if (!parts) throw new Error(`not a content key: ${JSON.stringify(key)}`)
  const folder = join(dir, parts.infoHash)
  return {
    folder,
    payload: join(folder, String(parts.fileIdx)),
    sidecar: join(folder, `${parts.fileIdx}.json`),
    edges: join(folder, EDGES),
    metainfo: join(folder, METAINFO),
    fileIdx: parts.fileIdx,
  }
}

/** Pieces (numbered in the torrent) that reach beyond the file: their outer bytes lie in `edges`. */
export function edgePieces(layout: PieceLayout): number[] {
  const count = pieceCount(layout)
  if (count === 0) return []
  const first = firstPiece(layout)
  const ends = new Set([first, first + count - 1])
  return [...ends].filter((piece) => {
    const { before, after } = pieceInFile(layout, piece)
    return before + after > 0
  })
}

export const edgePath = (paths: FilePaths, piece: number): string =>
  join(paths.edges, `${paths.fileIdx}-${piece}`)

/** Node says ENOENT of a recursive mkdir on a read-only file system; a plain one says EROFS. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    if (errorCode(error) === 'EEXIST') return
    if (!isMissing(error)) throw error
    await mkdir(path, { recursive: true })
  })
}

/** An empty sparse file of the final size, and the folders beside it. */
export async function createPayload(paths: FilePaths, layout: PieceLayout): Promise<void> {
  await makeFolder(paths.folder)
  if (edgePieces(layout).length > 0) await makeFolder(paths.edges)
  const file = await open(paths.payload, 'w')
  try {
    await file.truncate(layout.size)
  } finally {
    await file.close()
  }
}

/** Size and modification time (milliseconds) of the payload; undefined when it is no plain file. */
export async function statPayload(
  paths: FilePaths,
): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    const stats = await stat(paths.payload)
    return stats.isFile() ? stats : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
}

/**
 * Bytes and edges are on the medium when this resolves.
 * @returns the payload's modification time, whole milliseconds
 */
export async function syncStoredFile(paths: FilePaths, layout: PieceLayout): Promise<number> {
  await syncFile(paths.payload)
  const edges = edgePieces(layout)
  for (const piece of edges) {
    await syncFile(edgePath(paths, piece)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  }
  if (edges.length > 0) await syncFolder(paths.edges).catch(ignoreMissing)
  await syncFolder(paths.folder)
  return Math.floor((await stat(paths.payload)).mtimeMs)
}

/**
 * Removes payload, edges and sidecar, the sidecar last: it tells of the rest as long as any is there.
 * @throws the file system's error; what is left can be removed by calling again
 */
export async function removeStoredFile(paths: FilePaths): Promise<void> {
  killPoint('remove:begin')
  await rm(paths.payload, { force: true })
  killPoint('remove:payload')
  const edges = await readdir(paths.edges).catch(ignoreMissing)
  for (const name of edges ?? []) {
    if (!name.startsWith(`${paths.fileIdx}-`)) continue
    await rm(join(paths.edges, name), { force: true })
    killPoint('remove:edge')
  }
  await rm(paths.sidecar, { force: true })
  killPoint('remove:sidecar')
}

/** Removes what a torrent without contents leaves. Anything foreign in the folder keeps it. */
export async function removeTorrentFolder(folder: string): Promise<void> {
  await rm(join(folder, METAINFO), { force: true })
  killPoint('remove:metainfo')
  await removeIfEmpty(join(folder, EDGES))
  killPoint('remove:edges')
  await removeIfEmpty(folder)
  killPoint('remove:folder')
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!isMissing(error) && errorCode(error) !== 'ENOTEMPTY') throw error
  })
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
