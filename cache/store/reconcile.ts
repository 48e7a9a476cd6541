import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import { killPoint } from '../../common/kill-point.ts'
import type { Log } from '../../common/log.ts'
import { type CacheFolder, SIDECAR, TORRENT_FOLDER } from '../disk/cache-folder.ts'
import { EDGES, edgePieces, METAINFO, removeTorrentFolder } from '../disk/file-paths.ts'
import type { FileRecord } from '../disk/file-record.ts'
import { type VerifiedFile, verifyFile } from '../disk/verify-file.ts'
import { inParallel } from './in-parallel.ts'

export interface Found {
  /** Least recently used first. */
  readonly records: readonly FileRecord[]
  /** Those of them whose sidecar is not true any more. */
  readonly changed: readonly FileRecord[]
  /** Files that no sidecar vouched for, removed. */
  readonly orphans: number
  /** What the node's hours meter showed when it last ran (cache/store/running-time.ts), milliseconds. */
  readonly runningMs: number
}

/** One at a time, a start with thousands of contents waits for the disk most of the time. */
const READS_AT_ONCE = 16

/** The contents of one torrent; everything else of ours in its folder goes. */
async function readTorrent(
  dir: string,
  infoHash: string,
  clock: Clock,
): Promise<{ found: VerifiedFile[]; orphans: number }> {
  const found: VerifiedFile[] = []
  const known = new Set<string>()
  const edges = new Set<string>()
  const names = await readdir(join(dir, infoHash))
  for (const name of names) {
    const fileIdx = SIDECAR.exec(name)?.[1]
    const content = fileIdx && (await verifyFile(dir, infoHash, Number(fileIdx), clock))
    if (!content) continue
    found.push(content)
    known.add(fileIdx)
    known.add(name)
    for (const piece of edgePieces(content.record.layout)) edges.add(`${fileIdx}-${piece}`)
  }
  return { found, orphans: await dropOrphans(join(dir, infoHash), names, known, edges) }
}

/** Removes whatever of ours in a torrent's folder belongs to none of its contents. */
async function dropOrphans(
  folder: string,
  names: readonly string[],
  known: ReadonlySet<string>,
  edges: ReadonlySet<string>,
): Promise<number> {
  let dropped = 0
  const drop = async (path: string): Promise<void> => {
    await rm(path, { recursive: true, force: true })
    killPoint('reconcile:orphan')
    dropped++
  }
  for (const name of names) {
    const path = join(folder, name)
    if (name === EDGES) {
      for (const edge of await readdir(path)) {
        if (!edges.has(edge)) await drop(join(path, edge))
      }
    } else if (name !== METAINFO && !known.has(name)) {
      await drop(path)
    }
  }
  if (known.size === 0) await removeTorrentFolder(folder)
  return dropped
}

/** Sets the time of the last use; a sidecar that does not say it counts as just used. */
function order(found: VerifiedFile[], before: number): number {
  const used = (each: VerifiedFile): number => each.sidecar.usedRunning ?? Number.POSITIVE_INFINITY
  // The key last: folders are read in parallel, and the same disk has to give the same order.
  found.sort(
    (a, b) =>
      used(a) - used(b) ||
      a.sidecar.usedAt - b.sidecar.usedAt ||
      (a.record.key < b.record.key ? -1 : 1),
  )
  // After a crash the marker's time is older than the newest sidecars'.
  const now = Math.max(before, ...found.map(used).filter(Number.isFinite))
  for (const each of found) each.record.touch(Math.max(0, now - used(each)))
  return now
}

/**
 * Reads what the disk holds: the truth the index is rebuilt from (docs/decisions/0003).
 * Nobody else may use the folder meanwhile.
 */
export async function reconcile(
  { dir, runningMs }: Pick<CacheFolder, 'dir' | 'runningMs'>,
  clock: Clock,
  log: Log,
): Promise<Found> {
  const found: VerifiedFile[] = []
  let orphans = 0
  const torrents = (await readdir(dir)).filter((name) => TORRENT_FOLDER.test(name))
  await inParallel(torrents, READS_AT_ONCE, async (infoHash) => {
    killPoint('reconcile:torrent')
    try {
      const torrent = await readTorrent(dir, infoHash, clock)
      found.push(...torrent.found)
      orphans += torrent.orphans
    } catch (err) {
      // One broken folder does not lose the others.
      log.warn({ err, infoHash }, 'a folder of the cache could not be read')
    }
  })
  const now = order(found, runningMs)
  return {
    records: found.map(({ record }) => record),
    changed: found.filter(({ changed }) => changed).map(({ record }) => record),
    orphans,
    runningMs: now,
  }
}
