/**
 * Reads whole ranges; `end` is not included. `until`: up to there it is probably read on, part after part; absent: no
 * farther than `end`.
 */
export type ReadPart = (start: number, end: number, until?: number) => Promise<Uint8Array>

/** Bytes of a file, as whoever takes it apart reads them. */
export interface Readable {
  readonly size: number
  readonly read: ReadPart
}
