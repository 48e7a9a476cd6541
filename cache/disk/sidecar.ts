import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { firstPiece, type PieceLayout, pieceCount } from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { FileRecord } from './file-record.ts'

const bytes = z.int().nonnegative()

/** What lies beside a content's bytes and says what they are (docs/decisions/0003). */
const sidecarSchema = z
  .object({
    version: z.literal(1),
    key: z.string(),
    name: z.string(),
    layout: z.object({
      pieceLength: z.int().positive(),
      torrentLength: bytes,
      offset: bytes,
      size: bytes,
    }),
    /** Base64 of the piece map, most significant bit first (BEP 3). */
    pieces: z.base64(),
    complete: z.boolean(),
    /** The pieces were on disk and nobody wrote when this was written. */
    settled: z.boolean(),
    /** Modification time of the bytes when they settled, whole milliseconds. */
    mtime: z.number(),
    storedAt: z.number(),
    usedAt: z.number(),
    /** What the node's hours meter showed at the last use, milliseconds (cache/store/running-time.ts). */
    usedRunning: z.number().nonnegative().optional(),
  })
  .refine((sidecar) => {
    const { offset, size, torrentLength } = sidecar.layout
    if (offset + size > torrentLength) return false
    // Before anything is allocated by a number that only the file claims.
    const mapBytes = Buffer.from(sidecar.pieces, 'base64').length
    if (mapBytes !== Math.ceil(pieceCount(sidecar.layout) / 8)) return false
    return !sidecar.complete || mapOf(sidecar).complete
  })

export type Sidecar = z.infer<typeof sidecarSchema>

const mapOf = (s: { layout: PieceLayout; pieces: string }): Bitfield =>
  new Bitfield(pieceCount(s.layout), Buffer.from(s.pieces, 'base64'))

/** What a sidecar is to say before the record itself may. */
export type SidecarState = Pick<Sidecar, 'complete' | 'settled' | 'mtime'>

/** @param runningNow what the node's hours meter shows now */
export function sidecarText(record: FileRecord, state: SidecarState, runningNow: number): string {
  const sidecar: Sidecar = {
    version: 1,
    key: record.key,
    name: record.name,
    layout: record.layout,
    pieces: Buffer.from(record.pieces.bytes).toString('base64'),
    complete: state.complete,
    settled: state.settled,
    mtime: state.mtime,
    storedAt: record.storedAt,
    usedAt: record.usedAt,
    usedRunning: Math.max(0, runningNow - record.idleMs),
  }
  return JSON.stringify(sidecar)
}

/**
 * The sidecar of a content; undefined when it is missing, broken or another content's. Read at the
 * start only, with nobody to keep waiting: a file this small costs a third of an asynchronous read.
 */
export function readSidecar(path: string, key: FileKey): Sidecar | undefined {
  try {
    const sidecar = sidecarSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    return sidecar.key === key ? sidecar : undefined
  } catch {
    return undefined
  }
}

/** The record a sidecar tells of. Whether its bytes are as it says is the caller's to check. */
export function recordOf(sidecar: Sidecar, key: FileKey, clock: Clock): FileRecord {
  const record = new FileRecord(key, sidecar.name, sidecar.layout, clock)
  const map = mapOf(sidecar)
  const first = firstPiece(sidecar.layout)
  for (let i = 0; i < map.length; i++) if (map.has(i)) record.mark(first + i)
  record.complete = sidecar.complete
  record.settled = sidecar.settled
  record.mtime = sidecar.mtime
  record.storedAt = sidecar.storedAt
  return record
}
