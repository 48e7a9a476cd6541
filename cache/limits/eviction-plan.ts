import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint, type PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { FileOnDisk } from '../disk/file-store.ts'

/** What counts against the limits at one moment. */
export interface Usage {
  readonly files: number
  /** Bytes on disk. */
  readonly used: number
  /** Bytes that are reserved and not on disk yet. */
  readonly reserved: number
}

/**
 * Adds up stored files and reservations. A reserved file counts with its whole footprint: as `used` what
 * is on disk by now, as `reserved` the rest. So nothing counts twice, and nothing is left out.
 * @param reservedLayouts the layout reserved for each file
 */
export function usageOf(
  records: Iterable<FileOnDisk>,
  reservedLayouts: ReadonlyMap<FileKey, PieceLayout>,
): Usage {
  let files = 0
  let used = 0
  let reserved = 0
  const pending = new Map(reservedLayouts)
  for (const record of records) {
    files++
    used += record.bytes
    const layout = pending.get(record.key)
    if (layout) reserved += Math.max(0, footprint(layout) - record.bytes)
    pending.delete(record.key)
  }
  for (const layout of pending.values()) {
    files++
    reserved += footprint(layout)
  }
  return { files, used, reserved }
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
  usage: Usage,
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
