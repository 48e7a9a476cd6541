import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { Bitfield } from '../../common/bittorrent/bitfield.ts'
import type { FileKey } from '../../common/bittorrent/file-key.ts'
import { firstPiece, type PieceLayout, pieceCount } from '../../common/bittorrent/piece-layout.ts'
import type { Clock } from '../../common/clock.ts'
import { ownFile } from '../../common/own-file.ts'
import { FileRecord } from './file-record.ts'
import { isUnread } from './replace-file.ts'

const bytes = z.int().nonnegative()

/** Ours have 100 KB at most (test/cache/disk/beside-the-films.test.ts); a larger one is not read. */
const MAX_SIDECAR_BYTES = 128 * 1024

/** The JSON file beside a file's bytes that says what they are (docs/decisions/0003). */
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
    /** The bitfield of pieces as base64, most significant bit first (BEP 3). */
    pieces: z.base64(),
    complete: z.boolean(),
    /** Whether the bytes were flushed and nobody was writing when this sidecar was written. */
    settled: z.boolean(),
    /** Modification time of the payload at that moment, whole milliseconds. */
    mtime: z.number(),
    /** Wall-clock milliseconds, as `usedAt`. */
    storedAt: z.number(),
    usedAt: z.number(),
    /** The node's running time at the last use, milliseconds (cache/store/running-time.ts). */
    usedRunning: z.number().nonnegative().optional(),
    /** The operator wants it kept; absent: no. */
    keep: z.boolean().optional(),
  })
  .refine((sidecar) => {
    const { offset, size, torrentLength } = sidecar.layout
    if (offset + size > torrentLength) return false
    // Compared before a bitfield of that size is allocated: the layout may claim any number of pieces.
    const mapBytes = Buffer.from(sidecar.pieces, 'base64').length
    if (mapBytes !== Math.ceil(pieceCount(sidecar.layout) / 8)) return false
    return !sidecar.complete || bitfieldOf(sidecar).complete
  })

export type Sidecar = z.infer<typeof sidecarSchema>

const bitfieldOf = ({ layout, pieces }: { layout: PieceLayout; pieces: string }): Bitfield =>
  new Bitfield(pieceCount(layout), Buffer.from(pieces, 'base64'))

/** The part that the sidecar on disk has to say before the record in memory does. */
export type SidecarState = Pick<Sidecar, 'complete' | 'settled' | 'mtime'>

/** @param runningNow the node's running time now, milliseconds */
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
    ...(record.keep && { keep: true }),
  }
  return JSON.stringify(sidecar)
}

/**
 * The sidecar of a file; undefined when it is missing, broken or of another file. Read synchronously:
 * for a file this small that takes a third of the time, and at a start nobody has to wait for it.
 * @throws the file system's error when it could not be read, though it may be as it should
 */
export function readSidecar(path: string, key: FileKey): Sidecar | undefined {
  try {
    const sidecar = sidecarSchema.parse(JSON.parse(readSmall(path)))
    return sidecar.key === key ? sidecar : undefined
  } catch (error) {
    if (isUnread(error)) throw error
    return undefined
  }
}

/** @throws Error when it is not a file, or too large */
function readSmall(path: string): string {
  const descriptor = openSync(path, ownFile.read)
  try {
    const stats = fstatSync(descriptor)
    if (!stats.isFile() || stats.size > MAX_SIDECAR_BYTES) throw new Error('not a sidecar')
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

/** The record that a sidecar describes. The caller checks whether the bytes on disk agree. */
export function recordOf(sidecar: Sidecar, key: FileKey, clock: Clock): FileRecord {
  const record = new FileRecord(key, sidecar.name, sidecar.layout, clock)
  const bitfield = bitfieldOf(sidecar)
  const first = firstPiece(sidecar.layout)
  for (let i = 0; i < bitfield.length; i++) if (bitfield.has(i)) record.mark(first + i)
  record.complete = sidecar.complete
  record.settled = sidecar.settled
  record.mtime = sidecar.mtime
  record.storedAt = sidecar.storedAt
  record.keep = sidecar.keep === true
  return record
}
