import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import { systemClock } from '../../common/clock.ts'
import { SIDECAR, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { filePaths } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { isOwnFolder } from '../disk/links.ts'
import { isMissing } from '../disk/replace-file.ts'
import { readSidecar, recordOf, type Sidecar } from '../disk/sidecar.ts'
import { statPayload } from '../disk/stored-bytes.ts'

/** What can be seen of a file without locking the folder: its sidecar, and whether it has its bytes. */
export interface FileInfo {
  readonly key: FileKey
  /** What the sidecar says; undefined when it exists and cannot be read. */
  readonly saved: { readonly sidecar: Sidecar; readonly record: FileRecord } | undefined
  /** Whether the payload exists, in the size that the sidecar says. */
  readonly hasPayload: boolean
}

/** Undefined when the file is gone. That is no error: another process may remove it at any moment. */
export async function readFileInfo(dir: string, key: FileKey): Promise<FileInfo | undefined> {
  const paths = filePaths(dir, key)
  const sidecar = readSidecar(paths.sidecar, key)
  if (!sidecar) {
    const there = await access(paths.sidecar).then(
      () => true,
      () => false,
    )
    return there ? { key, saved: undefined, hasPayload: false } : undefined
  }
  const hasPayload = (await statPayload(paths))?.size === sidecar.layout.size
  return { key, hasPayload, saved: { sidecar, record: recordOf(sidecar, key, systemClock) } }
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })

/**
 * The files in CACHE_DIR, least recently used first. Takes no lock and changes nothing. Another process
 * may own the folder; what it removes in the meantime is left out.
 * @throws the file system's error
 */
export async function listFileInfos(dir: string): Promise<readonly FileInfo[]> {
  const files: FileInfo[] = []
  for (const infoHash of await namesIn(dir)) {
    if (!TORRENT_FOLDER.test(infoHash) || !(await isOwnFolder(join(dir, infoHash)))) continue
    for (const name of await namesIn(join(dir, infoHash))) {
      const fileIdx = SIDECAR.exec(name)?.[1]
      const file = fileIdx && (await readFileInfo(dir, fileKey(infoHash, Number(fileIdx))))
      if (file) files.push(file)
    }
  }
  const used = ({ saved }: FileInfo): number => saved?.sidecar.usedAt ?? 0
  return files.sort((a, b) => used(a) - used(b) || (a.key < b.key ? -1 : 1))
}
