import type { FileKey } from '../../common/bittorrent/file-key.ts'
import type { FileOnDisk } from '../disk/file-store.ts'
import type { Reserved } from './reservations.ts'

/** What counts against the limits at one moment. */
export interface Usage {
  readonly files: number
  /** Bytes on disk. */
  readonly used: number
  /** Bytes that are reserved and not on disk yet. */
  readonly reserved: number
  /** The same with what was promised to files beyond that. */
  readonly promised: number
}

/**
 * Adds up stored files and reservations. A file counts as `used` with what is on disk by now, and as
 * `reserved` with the rest of its reservation. So nothing counts twice, and nothing is left out. A
 * download that has neither a byte nor room for one is no file yet.
 */
export function usageOf(records: Iterable<FileOnDisk>, reservations: readonly Reserved[]): Usage {
  const open = new Map<FileKey, { room: number; promised: number }>()
  const files = new Set<FileKey>()
  let used = 0
  let reserved = 0
  let promised = 0
  for (const { key, purpose, bytes, promised: wanted } of reservations) {
    if (bytes > 0) files.add(key)
    if (purpose === 'slots') {
      reserved += bytes
      promised += Math.max(bytes, wanted)
      continue
    }
    const other = open.get(key) ?? { room: 0, promised: 0 }
    const room = Math.max(other.room, bytes)
    open.set(key, { room, promised: Math.max(other.promised, wanted, room) })
  }
  for (const { key, bytes, complete } of records) {
    if (bytes > 0 || complete) files.add(key)
    used += bytes
    const own = open.get(key)
    reserved += Math.max(0, (own?.room ?? 0) - bytes)
    promised += Math.max(0, (own?.promised ?? 0) - bytes)
    open.delete(key)
  }
  for (const own of open.values()) {
    reserved += own.room
    promised += own.promised
  }
  return { files: files.size, used, reserved, promised }
}

export interface Limits {
  readonly maxFiles: number
  /** Bytes. */
  readonly maxBytes: number
}

export interface Victim {
  readonly record: FileOnDisk
  readonly reason: 'count' | 'disk'
}

export interface Plan {
  readonly victims: readonly Victim[]
  /** Whether everything fits when they have been removed. */
  readonly enough: boolean
}

/**
 * Chooses the files to remove so that everything fits. It removes nothing: disk-janitor.ts decides
 * when to ask, evictor.ts removes.
 * @param volumeShortfall bytes that are reserved and for which the volume itself has no room
 * @param candidates files that may be removed, least recently used first
 */
export function planEviction(
  usage: Pick<Usage, 'files' | 'used' | 'reserved'>,
  limits: Limits,
  volumeShortfall: number,
  candidates: Iterable<FileOnDisk>,
): Plan {
  let files = usage.files - limits.maxFiles
  let bytes = Math.max(usage.used + usage.reserved - limits.maxBytes, volumeShortfall)
  const victims: Victim[] = []
  for (const record of candidates) {
    if (files <= 0 && bytes <= 0) break
    victims.push({ record, reason: files > 0 ? 'count' : 'disk' })
    files--
    bytes -= record.bytes
  }
  return { victims, enough: files <= 0 && bytes <= 0 }
}
