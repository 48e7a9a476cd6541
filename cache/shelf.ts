import type { Clock } from '../common/clock.ts'
import { type ContentKey, parseContentKey } from '../common/content-key.ts'
import type { Log } from '../common/log.ts'
import type { CacheIndex } from './cache-index.ts'
import { contentPaths, removeContent, removeTorrentFolder, statPayload } from './content-files.ts'
import type { ContentRecord } from './content-record.ts'
import { replaceFile } from './replace-file.ts'
import { createSerial } from './serial.ts'
import { type SidecarState, sidecarText } from './sidecar.ts'
import { createSidecarWriter, type SidecarWriter } from './sidecar-writer.ts'

/** A crash forgets uses of this long; every use of a file would cost a write otherwise. */
const USE_WRITE_DELAY_MS = 30_000
/** Range requests of one player come many a second. */
const INDEX_TOUCH_EVERY_MS = 1000

/** The records of a node, in memory, and what every operation on them shares. */
export interface Shelf {
  readonly dir: string
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly sidecars: SidecarWriter
  /** Least recently used first. */
  readonly records: Map<ContentKey, ContentRecord>
  /** Runs one after another what changes a torrent's folder. Never waits for itself: do not nest. */
  inTurn<T>(infoHash: string, task: () => Promise<T>): Promise<T>
  idle(): Promise<void>
  touch(record: ContentRecord): void
  /** Only in turn. @throws the file system's error */
  writeSidecar(record: ContentRecord, state: SidecarState): Promise<void>
  /** Tells the index. Only in turn; never rejects: the index can be rebuilt, the play goes on. */
  report(record: ContentRecord): Promise<void>
  /** True when this call removed it; false while held, unknown, or when the disk refused. */
  remove(key: ContentKey): Promise<boolean>
  /** Whether any content of the torrent is here. */
  hasTorrent(infoHash: string): boolean
}

export const infoHashOf = (key: ContentKey): string => parseContentKey(key)?.infoHash ?? ''

export function createShelf(deps: {
  dir: string
  node: string
  index: CacheIndex
  clock: Clock
  log: Log
}): Shelf {
  const { dir, node, index, clock, log } = deps
  const records = new Map<ContentKey, ContentRecord>()
  const told = new WeakMap<ContentRecord, number>()
  const serial = createSerial()
  const sidecars = createSidecarWriter(
    (record) =>
      serial.run(infoHashOf(record.key), async () => {
        if (records.get(record.key) !== record || record.removing || record.broken) return
        await writeSidecar(record, record)
        await report(record)
      }),
    log,
  )

  async function writeSidecar(record: ContentRecord, state: SidecarState): Promise<void> {
    await replaceFile(contentPaths(dir, record.key).sidecar, sidecarText(record, state))
  }

  const report = (record: ContentRecord): Promise<void> =>
    attempt(() => index.save(record.entry(node)), record.key)

  async function attempt(task: () => Promise<unknown>, key: ContentKey): Promise<void> {
    try {
      await task()
    } catch (err) {
      log.warn({ err, key }, 'the index could not be told; the next sweep mends it')
    }
  }

  function touch(record: ContentRecord): void {
    record.touch()
    if (records.get(record.key) !== record) return
    records.delete(record.key)
    records.set(record.key, record)
    sidecars.soon(record, USE_WRITE_DELAY_MS)
    const now = clock.steady()
    if (now - (told.get(record) ?? Number.NEGATIVE_INFINITY) < INDEX_TOUCH_EVERY_MS) return
    told.set(record, now)
    void attempt(() => index.touch(record.key, node, record.usedAt), record.key)
  }

  function hasTorrent(infoHash: string): boolean {
    for (const key of records.keys()) if (infoHashOf(key) === infoHash) return true
    return false
  }

  async function takeOff(record: ContentRecord): Promise<boolean> {
    const paths = contentPaths(dir, record.key)
    try {
      await removeContent(paths)
    } catch (err) {
      log.error({ err, key: record.key }, 'a content could not be removed; it stays counted')
      record.broken = (await statPayload(paths).catch(() => undefined)) === undefined
      record.removing = undefined
      return false
    }
    records.delete(record.key)
    if (!hasTorrent(infoHashOf(record.key))) {
      await removeTorrentFolder(paths.folder).catch((err: unknown) => {
        log.warn({ err, key: record.key }, 'an empty folder could not be removed')
      })
    }
    await attempt(() => index.forget(record.key, node), record.key)
    return true
  }

  function remove(key: ContentKey): Promise<boolean> {
    const record = records.get(key)
    if (!record || record.held) return Promise.resolve(false)
    if (record.removing) return record.removing.then(() => false)
    sidecars.cancel(record)
    record.removing = serial.run(infoHashOf(key), () => takeOff(record))
    return record.removing
  }

  return {
    ...{ dir, node, clock, log, sidecars, records },
    ...{ touch, writeSidecar, report, remove, hasTorrent },
    inTurn: serial.run,
    idle: serial.idle,
  }
}
