import { access, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { contentKey } from '../common/content-key.ts'
import type { Log } from '../common/log.ts'
import { TORRENT_FOLDER } from './cache-folder.ts'
import {
  contentPaths,
  EDGES,
  edgePath,
  edgePieces,
  METAINFO,
  removeTorrentFolder,
  statPayload,
} from './content-files.ts'
import type { ContentRecord } from './content-record.ts'
import { inParallel } from './in-parallel.ts'
import { TEMPORARY } from './replace-file.ts'
import { readSidecar, recordOf, type Sidecar } from './sidecar.ts'

export interface Found {
  /** Least recently used first. */
  readonly records: readonly ContentRecord[]
  /** Files that no sidecar vouched for, removed. */
  readonly orphans: number
}

/** One at a time, a start with thousands of contents waits for the disk most of the time. */
const READS_AT_ONCE = 16
const SIDECAR = /^(0|[1-9]\d{0,4})\.json$/

/** A content as its sidecar tells it, as far as its bytes agree; undefined when they do not. */
async function verify(
  dir: string,
  infoHash: string,
  fileIdx: number,
  clock: Clock,
): Promise<{ record: ContentRecord; sidecar: Sidecar } | undefined> {
  const key = contentKey(infoHash, fileIdx)
  const paths = contentPaths(dir, key)
  const sidecar = readSidecar(paths.sidecar, key)
  const payload = await statPayload(paths)
  if (!sidecar || payload?.size !== sidecar.layout.size) return undefined
  const record = recordOf(sidecar, key, clock)
  // Copies and backups keep the time to a millisecond or so.
  const untouched = Math.abs(payload.mtimeMs - sidecar.mtime) < 2
  // Right size, other time: somebody wrote to it. Its pieces are hashed when it is next opened.
  if (!untouched) record.complete = false
  if (!record.settled || !untouched) record.doubtAll()
  record.settled &&= untouched
  for (const piece of record.complete ? [] : edgePieces(record.layout)) {
    await access(edgePath(paths, piece)).catch(() => record.unmark(piece))
  }
  return record.bytes > 0 || record.complete ? { record, sidecar } : undefined
}

/** Removes whatever of ours in a torrent's folder belongs to none of its contents. */
async function dropOrphans(
  folder: string,
  names: readonly string[],
  known: ReadonlySet<string>,
): Promise<number> {
  let dropped = 0
  for (const name of names) {
    const path = join(folder, name)
    if (name === EDGES) {
      for (const edge of await readdir(path)) {
        if (known.has(edge.split('-')[0] ?? '')) continue
        await rm(join(path, edge), { recursive: true, force: true })
        dropped++
      }
    } else if (
      name !== METAINFO &&
      (TEMPORARY.test(name) || !known.has(name.split('.')[0] ?? ''))
    ) {
      await rm(path, { recursive: true, force: true })
      dropped++
    }
  }
  if (known.size === 0) await removeTorrentFolder(folder)
  return dropped
}

/**
 * Reads what the disk holds: the truth the index is rebuilt from (design idea 6).
 * Nobody else may use the folder meanwhile.
 */
export async function reconcile(dir: string, clock: Clock, log: Log): Promise<Found> {
  const found: { record: ContentRecord; sidecar: Sidecar }[] = []
  let orphans = 0
  const torrents = (await readdir(dir)).filter((name) => TORRENT_FOLDER.test(name))
  await inParallel(torrents, READS_AT_ONCE, async (infoHash) => {
    try {
      const known = new Set<string>()
      const names = await readdir(join(dir, infoHash))
      for (const name of names) {
        const fileIdx = SIDECAR.exec(name)?.[1]
        const content = fileIdx && (await verify(dir, infoHash, Number(fileIdx), clock))
        if (!content) continue
        known.add(fileIdx)
        found.push(content)
      }
      const dropped = await dropOrphans(join(dir, infoHash), names, known)
      orphans += dropped
    } catch (err) {
      // One broken folder does not lose the others.
      log.warn({ err, infoHash }, 'a folder of the cache could not be read')
    }
  })
  found.sort((a, b) => a.sidecar.usedAt - b.sidecar.usedAt)
  // A clock that went back since must not make the newest ones old or their order lost.
  const now = Math.max(clock.wall(), found.at(-1)?.sidecar.usedAt ?? 0)
  for (const { record, sidecar } of found) record.touch(now - sidecar.usedAt)
  return { records: found.map(({ record }) => record), orphans }
}
