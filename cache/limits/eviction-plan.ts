import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { footprint, type PieceLayout } from '../../common/bittorrent/piece-layout.ts'
import type { StoredFile } from '../disk/file-store.ts'

/** What counts against the limits at one instant; bytes. */
export interface Usage {
  readonly files: number
  readonly used: number
  readonly reserved: number
}

/** Layouts of the contents that room was promised to. */
export type ReservedLayouts = ReadonlyMap<FileKey, PieceLayout>

/**
 * Sums up store and promises. A promised content counts as its footprint, partly as `used` (what the
 * store counts by now) and partly as `reserved` (the rest): nothing is counted twice or left out.
 */
export function usageOf(records: Iterable<StoredFile>, reservations: ReservedLayouts): Usage {
  let files = 0
  let used = 0
  let reserved = 0
  const pending = new Map(reservations)
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
  readonly record: StoredFile
  readonly reason: 'count' | 'disk'
}

export interface Plan {
  readonly victims: readonly Victim[]
  /** Whether everything fits once they are gone. */
  readonly enough: boolean
}

/**
 * Who has to go so that everything fits.
 * @param volumeShortfall bytes that the volume itself lacks for what is promised
 * @param candidates least recently used first, none of them in use
 */
export function planEviction(
  usage: Usage,
  limits: Limits,
  volumeShortfall: number,
  candidates: Iterable<StoredFile>,
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
