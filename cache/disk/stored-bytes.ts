import { lstat, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import { errorCode } from '../../common/errors.ts'
import { killPoint } from '../../common/kill-point.ts'
import { ownFile } from '../../common/own-file.ts'
import { boundaryPieces, EDGES, edgePath, type FilePaths, METAINFO } from './file-paths.ts'
import { isOwnFolder } from './links.ts'
import { isMissing, syncFolder } from './replace-file.ts'

/**
 * Makes a folder and its parents. A plain mkdir is tried first: on a read-only file system Node's
 * recursive mkdir fails with ENOENT instead of EROFS, and the reason would be lost.
 * @throws the file system's error; also when a symbolic link has its place
 */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch(async (error: unknown) => {
    if (errorCode(error) === 'EEXIST' && (await isOwnFolder(path))) return
    if (!isMissing(error)) throw error
    await mkdir(path, { recursive: true })
  })
}

/** Makes the payload as an empty sparse file of its final size, and the folders it needs. */
export async function createPayload(paths: FilePaths, layout: PieceLayout): Promise<void> {
  await makeFolder(paths.folder)
  if (boundaryPieces(layout).length > 0) await makeFolder(paths.edges)
  const file = await open(paths.payload, ownFile.write)
  try {
    await file.truncate(layout.size)
  } finally {
    await file.close()
  }
}

/** Size in bytes and modification time in milliseconds; undefined when it is not a regular file. */
export async function statPayload(
  paths: FilePaths,
): Promise<{ size: number; mtimeMs: number } | undefined> {
  try {
    const stats = await lstat(paths.payload)
    return stats.isFile() ? stats : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function syncBytes(path: string): Promise<void> {
  const file = await open(path, ownFile.update)
  try {
    await file.datasync()
  } finally {
    await file.close()
  }
}

/**
 * Flushes payload and edges to the disk: they survive a power cut once this has resolved.
 * @returns the payload's modification time, whole milliseconds
 */
export async function syncFileOnDisk(paths: FilePaths, layout: PieceLayout): Promise<number> {
  await syncBytes(paths.payload)
  const edges = boundaryPieces(layout)
  for (const piece of edges) {
    await syncBytes(edgePath(paths, piece)).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  }
  if (edges.length > 0) await syncFolder(paths.edges).catch(ignoreMissing)
  await syncFolder(paths.folder)
  return Math.floor((await lstat(paths.payload)).mtimeMs)
}

/**
 * Removes payload, edges and sidecar. The sidecar goes last: as long as any of the other files is
 * there, it says what they are.
 * @throws the file system's error; a second call removes what is left
 */
export async function removeFileOnDisk(paths: FilePaths): Promise<void> {
  killPoint('remove:begin')
  if (!(await isOwnFolder(paths.folder))) return
  await rm(paths.payload, { force: true })
  killPoint('remove:payload')
  const edges = (await isOwnFolder(paths.edges)) ? await readdir(paths.edges) : []
  for (const name of edges) {
    if (!name.startsWith(`${paths.fileIdx}-`)) continue
    await rm(join(paths.edges, name), { force: true })
    killPoint('remove:edge')
  }
  await rm(paths.sidecar, { force: true })
  killPoint('remove:sidecar')
}

/** Removes the folder of a torrent that has no files left. A folder with foreign files in it stays. */
export async function removeTorrentFolder(folder: string): Promise<void> {
  if (!(await isOwnFolder(folder))) return
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
