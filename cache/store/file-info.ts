import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileKey, fileKey } from '../../common/bittorrent/file-key.ts'
import { systemClock } from '../../common/clock.ts'
import { SIDECAR, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { filePaths, statPayload } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { isMissing } from '../disk/replace-file.ts'
import { readSidecar, recordOf, type Sidecar } from '../disk/sidecar.ts'

/** A content as whoever does not own the folder sees it: what its sidecar last said. */
export interface FileInfo {
  readonly key: FileKey
  /** Undefined: the sidecar is there and cannot be read. */
  readonly said: { readonly sidecar: Sidecar; readonly record: FileRecord } | undefined
  /** The payload is there, in the size that the sidecar says. */
  readonly payload: boolean
}

/** Undefined when the content is gone, which is no fault: somebody removes it while we look. */
export async function readFileInfo(dir: string, key: FileKey): Promise<FileInfo | undefined> {
  const paths = filePaths(dir, key)
  const sidecar = readSidecar(paths.sidecar, key)
  if (!sidecar) {
    const there = await access(paths.sidecar).then(
      () => true,
      () => false,
    )
    return there ? { key, said: undefined, payload: false } : undefined
  }
  const payload = (await statPayload(paths))?.size === sidecar.layout.size
  return { key, payload, said: { sidecar, record: recordOf(sidecar, key, systemClock) } }
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })

/**
 * What lies in CACHE_DIR, least recently used first. Takes no lock and changes nothing: another process
 * may own the folder, and what it removes meanwhile is left out.
 * @throws the file system's error
 */
export async function listFileInfos(dir: string): Promise<readonly FileInfo[]> {
  const seen: FileInfo[] = []
  for (const infoHash of await namesIn(dir)) {
    if (!TORRENT_FOLDER.test(infoHash)) continue
    for (const name of await namesIn(join(dir, infoHash))) {
      const fileIdx = SIDECAR.exec(name)?.[1]
      const content = fileIdx && (await readFileInfo(dir, fileKey(infoHash, Number(fileIdx))))
      if (content) seen.push(content)
    }
  }
  const used = ({ said }: FileInfo): number => said?.sidecar.usedAt ?? 0
  return seen.sort((a, b) => used(a) - used(b) || (a.key < b.key ? -1 : 1))
}
