import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import { type CacheFolder, SIDECAR, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { boundaryPieces, EDGES, METAINFO } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { isOwnFolder, namesWithoutLinks } from '../disk/links.ts'
import { removeTorrentFolder } from '../disk/stored-bytes.ts'
import { type VerifiedFile, verifyFile } from '../disk/verify-file.ts'
import { inParallel } from './in-parallel.ts'

export interface Reconciled {
  /** Least recently used first. */
  readonly records: readonly FileRecord[]
  /** Those whose sidecar does not agree with the disk and has to be written again. */
  readonly changed: readonly FileRecord[]
  /** How many files and folders were removed because no sidecar belongs to them. */
  readonly orphans: number
  /** How long the node has run before this start, milliseconds (cache/store/running-time.ts). */
  readonly runningMs: number
}

/** Reading one folder at a time would leave a start with thousands of files waiting for the disk. */
const FOLDERS_AT_ONCE = 16

/** Reads the files of one torrent, and removes everything else of ours from its folder. */
async function readTorrent(
  dir: string,
  infoHash: string,
  clock: Clock,
  log: Log,
): Promise<{ found: VerifiedFile[]; orphans: number }> {
  const found: VerifiedFile[] = []
  const known = new Set<string>()
  const edges = new Set<string>()
  const folder = join(dir, infoHash)
  const names = await namesWithoutLinks(folder, log)
  // Links are removed first, so a sidecar is only ever compared with a real file of this folder.
  const outer = names.includes(EDGES) ? await edgesIn(join(folder, EDGES), log) : []
  for (const name of names) {
    const fileIdx = SIDECAR.exec(name)?.[1]
    const file = fileIdx && (await verifyFile(dir, infoHash, Number(fileIdx), clock))
    if (!file) continue
    found.push(file)
    known.add(fileIdx)
    known.add(name)
    for (const piece of boundaryPieces(file.record.layout)) edges.add(`${fileIdx}-${piece}`)
  }
  return { found, orphans: await removeOrphans(folder, { names, outer }, known, edges) }
}

/** A folder among them has been put there: its piece could be neither read nor fetched again. */
async function edgesIn(folder: string, log: Log): Promise<readonly string[]> {
  const names = await namesWithoutLinks(folder, log)
  for (const name of names) {
    const path = join(folder, name)
    if (await isOwnFolder(path)) await rm(path, { recursive: true, force: true })
  }
  return names
}

/** Removes what belongs to none of the torrent's files. */
async function removeOrphans(
  folder: string,
  { names, outer }: { names: readonly string[]; outer: readonly string[] },
  known: ReadonlySet<string>,
  edges: ReadonlySet<string>,
): Promise<number> {
  let removed = 0
  const remove = async (path: string): Promise<void> => {
    await rm(path, { recursive: true, force: true })
    killPoint('reconcile:orphan')
    removed++
  }
  for (const name of names) {
    const path = join(folder, name)
    if (name === EDGES) {
      for (const edge of outer) {
        if (!edges.has(edge)) await remove(join(path, edge))
      }
    } else if (name !== METAINFO && !known.has(name)) {
      await remove(path)
    }
  }
  if (known.size === 0) await removeTorrentFolder(folder)
  return removed
}

/**
 * Sorts by last use and sets the idle time of each record. A sidecar that does not say when counts as
 * just used.
 * @param before the node's running time as the marker has it, milliseconds
 * @returns the running time now
 */
function sortByUse(found: VerifiedFile[], before: number): number {
  const used = (each: VerifiedFile): number => each.sidecar.usedRunning ?? Number.POSITIVE_INFINITY
  // Folders are read in any order, so the key is the final tie-break: the same disk, the same result.
  found.sort(
    (a, b) =>
      used(a) - used(b) ||
      a.sidecar.usedAt - b.sidecar.usedAt ||
      (a.record.key < b.record.key ? -1 : 1),
  )
  // After a crash the newest sidecars are ahead of the marker.
  const now = Math.max(before, ...found.map(used).filter(Number.isFinite))
  for (const each of found) each.record.touch(Math.max(0, now - used(each)))
  return now
}

/**
 * Reads all records from disk, and removes what belongs to none (docs/decisions/0003). The folder has to
 * be locked for this process.
 * @throws the file system's error when CACHE_DIR itself cannot be read
 */
export async function reconcile(
  { dir, runningMs }: Pick<CacheFolder, 'dir' | 'runningMs'>,
  clock: Clock,
  log: Log,
): Promise<Reconciled> {
  const found: VerifiedFile[] = []
  let orphans = 0
  const torrents = (await readdir(dir)).filter((name) => TORRENT_FOLDER.test(name))
  await inParallel(torrents, FOLDERS_AT_ONCE, async (infoHash) => {
    killPoint('reconcile:torrent')
    try {
      const torrent = await readTorrent(dir, infoHash, clock, log)
      found.push(...torrent.found)
      orphans += torrent.orphans
    } catch (err) {
      // One broken folder must not cost the others.
      log.warn({ err, infoHash }, 'a folder of the cache could not be read')
    }
  })
  const now = sortByUse(found, runningMs)
  return {
    records: found.map(({ record }) => record),
    changed: found.filter(({ changed }) => changed).map(({ record }) => record),
    orphans,
    runningMs: now,
  }
}
